import { openKafkaLog } from "@tidemark/log-kafka";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { isPassing, Refused } from "../../packages/log-kafka/src/broker-errors.ts";
import { Cluster } from "../../packages/log-kafka/src/cluster.ts";
import { renewingEndTxnRequest } from "../../packages/log-kafka/src/end-txn-request.ts";
import { KAFKA_LOG_LIMITS } from "../../packages/log-kafka/src/limits.ts";
import type { Link } from "../../packages/log-kafka/src/link.ts";
import { addingProduceRequest } from "../../packages/log-kafka/src/produce-request.ts";
import { ProducerIdentity } from "../../packages/log-kafka/src/producer-identity.ts";
import { Reachability } from "../../packages/log-kafka/src/reachability.ts";
import { retry } from "../../packages/log-kafka/src/retry.ts";
import { initProducerIdRequest } from "../../packages/log-kafka/src/small-requests.ts";
import { TRANSACTION_VERSION } from "../../packages/log-kafka/src/transaction-protocol.ts";
import { batch, readAll, record, shown } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
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
let link: Link;
let transactionalId: string;
let coordinator: number;

beforeAll(async () => {
  space = await openTopicSpace();
  topic = `${space.prefix}events`;
  const stamped = { name: "message.timestamp.type", value: "LogAppendTime" };
  await space.createTopics([{ topic: "events", numPartitions: 2, configEntries: [stamped] }]);
  const seeds = space.brokers.map((each) => ({ host: each.split(":")[0] ?? "", port: Number(each.split(":")[1]) }));
  const settings = { clientId: "test", ssl: null, sasl: null, reachability: new Reachability(() => {}) };
  cluster = new Cluster({
    settings: { ...settings, ...KAFKA_LOG_LIMITS },
    seeds,
    clock: systemClock,
    limits: KAFKA_LOG_LIMITS,
    closing: new AbortController().signal,
  });
  await cluster.require([{ topic, partition: 1 }]);
  link = cluster.newLink();
});

afterAll(async () => {
  cluster.close();
  await space[Symbol.asyncDispose]();
});

/** What `TransactionProtocol` says of version 2, asked request by request. */
beforeEach(async ({ skip, task }) => {
  transactionalId = `${space.prefix}${task.id}`;
  coordinator = await retry(cluster.patience(30_000), () => cluster.coordinatorOf(transactionalId));
  const level = await link.featureLevel(coordinator, TRANSACTION_VERSION);
  skip(level < 2, "the broker has no transactions of version 2");
});

test("an end that is asked for again under the epoch that it ended is answered like the first, until a newer holder comes", async () => {
  const holder = await newHolder();
  await produce(0, await encoded(holder, "a"));
  const first = await end(holder, "commit");
  expect(first).toMatchObject({ errorCode: 0, next: { producerId: holder.id, producerEpoch: holder.epoch + 1 } });
  expect(await end(holder, "commit")).toEqual(first);
  expect((await end(holder, "abort")).errorCode).toBe(INVALID_TXN_STATE);
  await newHolder();
  expect((await end(holder, "commit")).errorCode).toBe(PRODUCER_FENCED);
});

test("a batch that comes after its transaction has ended is refused, and not taken for one of the next", async () => {
  const holder = await newHolder();
  const bytes = await encoded(holder, "a");
  const { baseOffset } = await produce(0, bytes);
  const { next } = await end(holder, "commit");
  // It is known there for what it is, until the end is written behind it.
  const refusal = await until("the end of the first transaction", async () => {
    const late = await produce(0, bytes);
    if (late.errorCode === 0) expect(late.baseOffset).toBe(baseOffset);
    return late.errorCode === 0 ? null : late.errorCode;
  });
  expect([refusal, (await produce(1, bytes)).errorCode]).toEqual([INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_EPOCH]);
  const following = holder.next(next?.producerId ?? "", next?.producerEpoch ?? -1);
  // The same sequence, behind the marker of the first transaction.
  const appended = await produce(0, await encoded(following, "b"));
  expect(appended).toMatchObject({ errorCode: 0, baseOffset: baseOffset + 2 });
  // A late request for the end of the first ends nothing.
  expect((await end(holder, "commit")).errorCode).toBe(PRODUCER_FENCED);
  expect((await end(following, "abort")).errorCode).toBe(0);
});

test("where nothing was produced an abort raises the epoch, and a commit is refused", async () => {
  const holder = await newHolder();
  expect((await end(holder, "commit")).errorCode).toBe(INVALID_TXN_STATE);
  const { errorCode, next } = await end(holder, "abort");
  expect([errorCode, next?.producerEpoch]).toEqual([0, holder.epoch + 1]);
});

test("a holder's transactions go each under an epoch of its own", async () => {
  const before = await newHolder();
  const log = await openKafkaLog({ brokers: space.brokers, clientId: "test", clock: systemClock });
  const writer = await log.openWriter(transactionalId);
  for (const value of ["a", "b", "c"]) await writer.commit([batch(topic, 1, [record("k", value)])]);
  await log.close();
  // Opened once, ended three times, and opened now.
  expect((await newHolder()).epoch).toBe(before.epoch + 5);
});

test.runIf(LONG)(
  "a holder whose epochs are used up goes on as another producer, and nothing is lost or doubled",
  async () => {
    let holder = await newHolder();
    while (holder.epoch < EPOCH_MAX - 2) {
      const count = Math.min(500, EPOCH_MAX - 2 - holder.epoch);
      holder = (await Promise.all(Array.from({ length: count }, newHolder))).at(-1) ?? holder;
    }
    const own = `${space.prefix}own`;
    const log = await openKafkaLog({
      brokers: space.brokers,
      clientId: "test",
      clock: systemClock,
      replication: { factor: 1, insyncMin: 1 },
    });
    await log.createTopics([{ name: own, partitions: 1, policy: { cleanup: "delete", retentionMs: 3_600_000 } }]);
    const writer = await log.openWriter(transactionalId);
    const values = ["a", "b", "c", "d"];
    for (const value of values) await writer.commit([batch(own, 0, [record("k", value)])]);
    expect((await readAll(log, own, 0)).map((each) => shown(each)[1])).toEqual(values);
    await log.close();
    const after = await newHolder();
    expect(after.id).not.toBe(holder.id);
    expect(after.epoch).toBeLessThan(values.length);
  },
  300_000,
);

async function newHolder(): Promise<ProducerIdentity> {
  const answer = await patiently(() => link.send(coordinator, initProducerIdRequest(transactionalId, 10_000)));
  expect(answer.errorCode).toBe(0);
  return new ProducerIdentity(answer.producerId, answer.producerEpoch);
}

/** The first batch of a transaction. */
async function encoded(holder: ProducerIdentity, value: string): Promise<Buffer> {
  const run = { topic, partition: 0, records: [record("k", value)] };
  const options = { transactional: true, createdAt: 0, codec: "none" } as const;
  const [first] = await new ProducerIdentity(holder.id, holder.epoch).encode([run], options);
  return first?.bytes ?? Buffer.alloc(0);
}

async function produce(partition: number, bytes: Buffer) {
  const request = addingProduceRequest({ transactionalId, timeoutMs: 5_000, batches: [{ topic, partition, bytes }] });
  return patiently(async () => {
    const { partitions } = await link.send(cluster.leaderOf({ topic, partition }), request);
    return partitions[0] ?? { errorCode: -1, baseOffset: -1 };
  });
}

function end({ id, epoch }: ProducerIdentity, result: "commit" | "abort") {
  const producer = { transactionalId, producerId: id, producerEpoch: epoch };
  return patiently(() => link.send(coordinator, renewingEndTxnRequest(producer, result)));
}

/** What passes is asked again. */
function patiently<Answer extends { readonly errorCode: number }>(ask: () => Promise<Answer>): Promise<Answer> {
  return retry(cluster.patience(10_000), async () => {
    const answer = await ask();
    const refusal = new Refused("a request", answer.errorCode);
    if (isPassing(refusal)) throw refusal;
    return answer;
  });
}
