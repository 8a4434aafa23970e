import { openKafkaLog } from "@tidemark/log-kafka";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Cluster } from "../../packages/log-kafka/src/cluster.ts";
import { batch, readAll, record, shown } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
import { clusterOf, RawTransactions } from "./raw-transactions.ts";
import { openTopicSpace, type TopicSpace } from "./topic-space.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const INVALID_PRODUCER_EPOCH = 47;
const INVALID_TXN_STATE = 48;
const PRODUCER_FENCED = 90;
/** The last that a holder is given. */
const EPOCH_MAX = 32_766;

let space: TopicSpace;
let topic: string;
let cluster: Cluster;
let raw: RawTransactions;

beforeAll(async () => {
  space = await openTopicSpace();
  topic = `${space.prefix}events`;
  const stamped = { name: "message.timestamp.type", value: "LogAppendTime" };
  await space.createTopics([{ topic: "events", numPartitions: 2, configEntries: [stamped] }]);
  cluster = clusterOf(space.brokers);
});

afterAll(async () => {
  cluster.close();
  await space[Symbol.asyncDispose]();
});

/** What `TransactionProtocol` says of version 2, asked request by request. */
beforeEach(async ({ skip, task }) => {
  raw = await RawTransactions.open(cluster, topic, `${space.prefix}${task.id}`);
  skip((await raw.version()) < 2, "the broker has no transactions of version 2");
});

test("an end that is asked for again under the epoch that it ended is answered like the first, until a newer holder comes", async () => {
  const holder = await raw.newHolder();
  await raw.produce(0, await raw.encoded(holder, "a"));
  const first = await raw.end(holder, "commit");
  expect(first).toMatchObject({ errorCode: 0, next: { producerId: holder.id, producerEpoch: holder.epoch + 1 } });
  expect(await raw.end(holder, "commit")).toEqual(first);
  expect((await raw.end(holder, "abort")).errorCode).toBe(INVALID_TXN_STATE);
  await raw.newHolder();
  expect((await raw.end(holder, "commit")).errorCode).toBe(PRODUCER_FENCED);
});

test("a batch that comes after its transaction has ended is refused, and not taken for one of the next", async () => {
  const holder = await raw.newHolder();
  const bytes = await raw.encoded(holder, "a");
  const { baseOffset } = await raw.produce(0, bytes);
  const { next } = await raw.end(holder, "commit");
  // It is known there for what it is, until the end is written behind it.
  const refusal = await until("the end of the first transaction", async () => {
    const late = await raw.produce(0, bytes);
    if (late.errorCode === 0) expect(late.baseOffset).toBe(baseOffset);
    return late.errorCode === 0 ? null : late.errorCode;
  });
  expect([refusal, (await raw.produce(1, bytes)).errorCode]).toEqual([INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_EPOCH]);
  const following = holder.next(next?.producerId ?? "", next?.producerEpoch ?? -1);
  // The same sequence, behind the marker of the first transaction.
  const appended = await raw.produce(0, await raw.encoded(following, "b"));
  expect(appended).toMatchObject({ errorCode: 0, baseOffset: baseOffset + 2 });
  // A late request for the end of the first ends nothing.
  expect((await raw.end(holder, "commit")).errorCode).toBe(PRODUCER_FENCED);
  expect((await raw.end(following, "abort")).errorCode).toBe(0);
});

test("where nothing was produced an abort raises the epoch, and a commit is refused", async () => {
  const holder = await raw.newHolder();
  expect((await raw.end(holder, "commit")).errorCode).toBe(INVALID_TXN_STATE);
  const { errorCode, next } = await raw.end(holder, "abort");
  expect([errorCode, next?.producerEpoch]).toEqual([0, holder.epoch + 1]);
});

test("a holder's transactions go each under an epoch of its own", async () => {
  const before = await raw.newHolder();
  const log = await openKafkaLog({ brokers: space.brokers, clientId: "test", clock: systemClock });
  const writer = await log.openWriter(raw.id);
  for (const value of ["a", "b", "c"]) await writer.commit([batch(topic, 1, [record("k", value)])]);
  await log.close();
  // Opened once, ended three times, and opened now.
  expect((await raw.newHolder()).epoch).toBe(before.epoch + 5);
});

test.runIf(LONG)(
  "a holder whose epochs are used up goes on as another producer, and nothing is lost or doubled",
  async () => {
    let holder = await raw.newHolder();
    while (holder.epoch < EPOCH_MAX - 2) {
      const count = Math.min(500, EPOCH_MAX - 2 - holder.epoch);
      holder = (await Promise.all(Array.from({ length: count }, () => raw.newHolder()))).at(-1) ?? holder;
    }
    const own = `${space.prefix}own`;
    const log = await openKafkaLog({
      brokers: space.brokers,
      clientId: "test",
      clock: systemClock,
      replication: { factor: 1, insyncMin: 1 },
    });
    await log.createTopics([{ name: own, partitions: 1, policy: { cleanup: "delete", retentionMs: 3_600_000 } }]);
    const writer = await log.openWriter(raw.id);
    const values = ["a", "b", "c", "d"];
    for (const value of values) await writer.commit([batch(own, 0, [record("k", value)])]);
    expect((await readAll(log, own, 0)).map((each) => shown(each)[1])).toEqual(values);
    await log.close();
    const after = await raw.newHolder();
    expect(after.id).not.toBe(holder.id);
    expect(after.epoch).toBeLessThan(values.length);
  },
  300_000,
);
