import { openKafkaLog, type KafkaLog } from "@tidemark/log-kafka";
import { LogUnavailable } from "@tidemark/streams";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { Cluster } from "../../packages/log-kafka/src/cluster.ts";
import { produceRequest } from "../../packages/log-kafka/src/produce-request.ts";
import { ProducerIdentity } from "../../packages/log-kafka/src/producer-identity.ts";
import { batch, createTopic, readAll, record } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { API_KEY } from "./kafka-frames.ts";
import { clusterOf, RawTransactions } from "./raw-transactions.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** The partition in which transactions are left open, and one in which they end. */
const LOST = 0;
const ENDED = 1;

let proxy: TcpProxy;
let broker: Broker;
let cluster: Cluster;
let log: KafkaLog;
const problems: unknown[] = [];
let topic: string;
let places: readonly { readonly topic: string; readonly partition: number }[];
let raw: RawTransactions;

/**
 * Transactions whose end is lacking in one partition, as coordinators of Kafka 4.3.0 to 4.4.0 leave them. Here a batch comes to the
 * partition that was never added to the transaction, on a broker that is told not to look: so its end is not written there.
 */
describe.skipIf(!inject("ownBrokers"))("the end of a transaction that brokers have lost", () => {
  beforeAll(async () => {
    proxy = await openTcpProxy();
    const settings = { "transaction.partition.verification.enable": "false" };
    broker = await startBroker({ advertisedPort: proxy.port, settings });
    proxy.connectTo(broker.clientPort);
    cluster = clusterOf([broker.internal]);
    log = await openKafkaLog({
      brokers: [broker.bootstrap],
      clientId: "test",
      clock: systemClock,
      replication: { factor: 1, insyncMin: 1 },
      onProblem: (problem) => void problems.push(problem),
    });
  }, 120_000);
  afterAll(async () => {
    await log.close();
    cluster.close();
    await broker[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    topic = await createTopic(log, 2);
    places = [LOST, ENDED].map((partition) => ({ topic, partition }));
    raw = await RawTransactions.open(cluster, topic, `${topic}-writer`);
    expect(await raw.version()).toBe(2);
    problems.length = 0;
  });

  test("is written again by who is opened next: what was committed is seen", async () => {
    await leaveOpen(await raw.newHolder(), "commit");
    const writer = await log.openWriter(raw.id, places);
    expect(problems.map(String)).toEqual([expect.stringContaining(TOLD)]);
    await writer.commit([batch(topic, LOST, [record("k", "next")])]);
    expect(await valuesIn(LOST)).toEqual(["open", "next"]);
    expect(await valuesIn(ENDED)).toEqual(["ended"]);
  });

  test("is written again by who is opened next: what was aborted is not seen, also behind a commit", async () => {
    await leaveOpen(await raw.newHolder(), "abort");
    const writer = await log.openWriter(raw.id, places);
    await writer.commit([batch(topic, LOST, [record("k", "next")])]);
    expect(await valuesIn(LOST)).toEqual(["next"]);
    expect(await valuesIn(ENDED)).toEqual([]);
  });

  test("is a commit where its holder went on, though the last transaction was aborted", async () => {
    const next = await leaveOpen(await raw.newHolder(), "commit");
    await raw.produce(ENDED, await raw.encoded(next, "last"));
    expect((await raw.end(next, "abort")).errorCode).toBe(0);
    await log.openWriter(raw.id, places);
    expect(await valuesIn(LOST)).toEqual(["open"]);
    expect(await valuesIn(ENDED)).toEqual(["ended"]);
  });

  test("is an abort where nobody ended the transaction before the next one was let in", async () => {
    await appendBoth(await raw.newHolder());
    await log.openWriter(raw.id, places);
    expect(await valuesIn(LOST)).toEqual([]);
    expect(problems.map(String)).toEqual([expect.stringContaining(TOLD)]);
  });

  test("is an abort where the broker gave up the transaction", async () => {
    await appendBoth(await raw.newHolder(1_000));
    await until("the broker has aborted", async () => ((await raw.state()).state === "CompleteAbort" ? true : null));
    await log.openWriter(raw.id, places);
    expect(await valuesIn(LOST)).toEqual([]);
  });

  test("is not guessed where nobody knows it any more", async () => {
    await leaveOpen(await raw.newHolder(), "commit");
    await raw.newHolder();
    const opening = log.openWriter(raw.id, places);
    await expect(opening).rejects.toThrow(LogUnavailable);
    await expect(opening).rejects.toThrow(`open in ${topic}-${LOST}, and how it ended is not known`);
  });

  test("is known until it is written: nobody is let in while leaders do not answer", async () => {
    await leaveOpen(await raw.newHolder(), "commit");
    const limits = { requestMsMax: 500, openWriterMsMax: 2_000 };
    const impatient = await openKafkaLog({ brokers: [broker.bootstrap], clientId: "test", clock: systemClock, limits });
    const held = proxy.addRule({ apiKey: API_KEY.describeProducers, direction: "request", action: "hold" });
    await expect(impatient.openWriter(raw.id, places)).rejects.toThrow(LogUnavailable);
    expect((await raw.state()).state).toBe("CompleteCommit");
    held.release();
    await impatient.close();
    await log.openWriter(raw.id, places);
    expect(await valuesIn(LOST)).toEqual(["open"]);
  });

  test("is found before anything goes to its partition over a new connection", async () => {
    const writer = await log.openWriter(raw.id, places);
    await writer.commit([batch(topic, ENDED, [record("k", "ended")])]);
    const { producerId, producerEpoch } = await raw.state();
    // Of the transaction that was just committed.
    await appendLost(new ProducerIdentity(producerId, producerEpoch - 1));
    proxy.reset();
    const next = [LOST, ENDED].map((partition) => batch(topic, partition, [record("k", "next")]));
    await expect(writer.commit(next)).rejects.toThrow(LogUnavailable);
    const successor = await log.openWriter(raw.id, places);
    await successor.commit(next);
    expect(await valuesIn(LOST)).toEqual(["open", "next"]);
    expect(await valuesIn(ENDED)).toEqual(["ended", "next"]);
  });

  test("is not taken for missing while the transaction is under way, whose batch is sent again over a new connection", async () => {
    const writer = await log.openWriter(raw.id, places);
    const lost = proxy.addRule({ apiKey: API_KEY.produce, direction: "answer", action: "reset", times: 1 });
    await writer.commit([batch(topic, LOST, [record("k", "once")])]);
    expect(lost.count()).toBe(1);
    expect(await valuesIn(LOST)).toEqual(["once"]);
  });

  test("is not looked for anew while a connection lasts", async () => {
    const writer = await log.openWriter(raw.id, places);
    await writer.commit([batch(topic, LOST, [record("k", "first")])]);
    const asked = proxy.addRule({ apiKey: API_KEY.describeProducers, direction: "request", action: "hold" });
    for (const value of ["a", "b", "c"]) await writer.commit([batch(topic, LOST, [record("k", value)])]);
    expect(asked.count()).toBe(0);
    asked.release();
    expect(await valuesIn(LOST)).toEqual(["first", "a", "b", "c"]);
  });
});

const TOLD = "brokers had lost the end of a transaction in 1 partitions";

/** @returns who goes on after it */
async function leaveOpen(holder: ProducerIdentity, result: "commit" | "abort"): Promise<ProducerIdentity> {
  await appendBoth(holder);
  const { errorCode, next } = await raw.end(holder, result);
  expect(errorCode).toBe(0);
  return holder.next(next?.producerId ?? "", next?.producerEpoch ?? -1);
}

async function appendBoth(holder: ProducerIdentity): Promise<void> {
  expect((await raw.produce(ENDED, await raw.encoded(holder, "ended"))).errorCode).toBe(0);
  await appendLost(holder);
}

async function appendLost(holder: ProducerIdentity): Promise<void> {
  expect((await raw.produce(LOST, await raw.encoded(holder, "open"), produceRequest)).errorCode).toBe(0);
}

async function valuesIn(partition: number): Promise<readonly (string | null)[]> {
  const records = await readAll(log, topic, partition);
  return records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}
