import { openKafkaLog, type KafkaLog, type KafkaLogLimits } from "@tidemark/log-kafka";
import { ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import { CommitUnknown, LogUnavailable, TaskFenced } from "@tidemark/streams";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { batch, createTopic, fetchOne, readAll, record, records, shown } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { API_KEY } from "./kafka-frames.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const LONGER = { timeout: 120_000 };

let proxy: TcpProxy;
let broker: Broker;
/** Through the proxy, like all clients of the broker. */
let log: KafkaLog;
let topic: string;

async function openLog(limits: Partial<KafkaLogLimits> = {}): Promise<KafkaLog> {
  return openKafkaLog({
    brokers: [broker.bootstrap],
    clientId: "faults",
    clock: systemClock,
    replication: { factor: 1, insyncMin: 1 },
    limits: { requestMsMax: 700, endMsMax: 1_500, ...limits },
  });
}

/** The broker takes no batch of more than 1,000 bytes for it. */
async function setSmallMessages(name: string): Promise<void> {
  const admin = new Kafka({ brokers: [broker.internal], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = [
    { name: "max.message.bytes", value: "1000" },
    { name: "message.timestamp.type", value: "LogAppendTime" },
  ];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
  });
  await admin.disconnect();
}

async function valuesOf(partition: number): Promise<readonly (string | null)[]> {
  return (await readAll(log, topic, partition)).map((each) => shown(each)[1]);
}

/** Of `transaction.version`: partitions come into a transaction in another way, and it ends in another. */
const eachVersion = describe.skipIf(!inject("ownBrokers")).each([1, 2]);

eachVersion("the log on Kafka behind a network that fails, transactions of version %i", LONGER, (version) => {
  beforeAll(async () => {
    proxy = await openTcpProxy();
    broker = await startBroker({
      advertisedPort: proxy.port,
      features: { "transaction.version": version },
      settings: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": 100 },
    });
    proxy.connectTo(broker.clientPort);
  }, 120_000);

  afterAll(async () => {
    await broker[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    log = await openLog();
    topic = await createTopic(log, 2);
  });

  afterEach(async () => {
    proxy.heal();
    await log.close();
  });

  test("what tasks that have read all ask at the same time goes in one request, and is answered at once", async () => {
    await using reader = { log: await openLog({ askIntervalMs: 0 }), [Symbol.asyncDispose]: () => reader.log.close() };
    const { signal } = new AbortController();
    const follow = (partition: number, waitMsMax: number) =>
      reader.log.fetch([{ topic, partition, offset: 0 }], { bytesMaxPerPartition: 1_000, waitMsMax, signal });
    await Promise.all([follow(0, 0), follow(1, 0)]); // From now on it is known that nothing is there.
    const rule = proxy.addRule({ apiKey: API_KEY.fetch, direction: "request", action: "hold" });
    const fetches = [follow(0, 1_000), follow(1, 1_000)];
    await rule.first;
    await log.append([batch(topic, 1, records("a", 1))]);
    expect(rule.count()).toBe(1);
    rule.release();
    const [[first] = [], [second] = []] = await Promise.all(fetches);
    expect([first?.records.length, second?.records.length]).toEqual([0, 1]);
  });

  test("a transaction asks for its partitions to be added only where the broker does not do so by itself", async () => {
    const [added, ended] = [API_KEY.addPartitionsToTxn, API_KEY.endTxn].map((apiKey) =>
      proxy.addRule({ apiKey, direction: "request", action: "reset", times: 1 }),
    );
    const writer = await log.openWriter(`${topic}-writer`);
    for (const name of ["a", "b", "c"]) await writer.commit([batch(topic, 0, records(name, 1))]);
    expect([added?.count(), ended?.count()]).toEqual([version < 2 ? 1 : 0, 1]);
    expect(await valuesOf(0)).toHaveLength(3);
  });

  test("a commit whose answer is lost is asked for again, and is known to be there", async () => {
    const writer = await log.openWriter(`${topic}-writer`);
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "answer", action: "drop", times: 1 });
    const { offsetsBase } = await writer.commit([batch(topic, 0, records("a", 2))]);
    expect(rule.count()).toBe(1);
    expect((await readAll(log, topic, 0)).map(({ offset }) => offset)).toEqual([offsetsBase[0], 1]);
    await writer.commit([batch(topic, 0, records("b", 1))]);
    expect(await valuesOf(0)).toHaveLength(3);
  });

  test("a commit whose answers are all lost is unknown, and the next writer finds it done", async () => {
    const writer = await log.openWriter(`${topic}-writer`);
    proxy.addRule({ apiKey: API_KEY.endTxn, direction: "answer", action: "drop" });
    await expect(writer.commit([batch(topic, 0, [record("k", "a")])])).rejects.toThrow(CommitUnknown);
    proxy.heal();
    const next = await log.openWriter(`${topic}-writer`);
    await next.commit([batch(topic, 0, [record("k", "b")])]);
    expect(await valuesOf(0)).toEqual(["a", "b"]);
    await expect(writer.commit([batch(topic, 0, [record("k", "zombie")])])).rejects.toThrow(TaskFenced);
  });

  test("a commit that did not reach the coordinator is unknown, and the next writer finds it undone", async () => {
    const writer = await log.openWriter(`${topic}-writer`);
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "request", action: "hold" });
    const torn = [batch(topic, 0, [record("k", "a")]), batch(topic, 1, [record("k", "a")])];
    await expect(writer.commit(torn)).rejects.toThrow(CommitUnknown);
    const nextOpening = log.openWriter(`${topic}-writer`);
    const next = await nextOpening;
    rule.release();
    await next.commit([batch(topic, 0, [record("k", "b")])]);
    expect(await valuesOf(0)).toEqual(["b"]);
    expect(await valuesOf(1)).toEqual([]);
  });

  test("nothing of a transaction is seen or passed over before it has ended, and all of it after", async () => {
    await log.close();
    log = await openLog({ requestMsMax: 20_000 });
    const { appendedAt } = await log.append([batch(topic, 1, records("before", 1))]);
    const writer = await log.openWriter(`${topic}-writer`);
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "request", action: "hold" });
    const committing = writer.commit([batch(topic, 0, records("a", 3)), batch(topic, 1, records("a", 2))]);
    await rule.first;
    // Others append behind it, and time goes on.
    await log.append([batch(topic, 0, records("behind", 1))]);
    const look = () => Promise.all([0, 1].map((partition) => fetchOne(log, topic, partition, 0, { waitMs: 20 })));
    let slices = await look();
    for (const startedAt = performance.now(); performance.now() - startedAt < 600;) slices = await look();
    expect(slices.map(({ records: read, offsetNext }) => [read.length, offsetNext])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    rule.release();
    const committed = await committing;
    expect(committed.appendedAt).toBeGreaterThanOrEqual(appendedAt);
    const read = [await readAll(log, topic, 0), await readAll(log, topic, 1)];
    expect(read.map((each) => each.length)).toEqual([4, 3]);
    const times = read.map((each, partition) => each[partition]?.appendedAt ?? -Infinity);
    for (const [partition, { completeTo }] of slices.entries()) {
      expect(completeTo).toBeLessThanOrEqual(times[partition] ?? 0);
    }
  });

  test("a writer that was superseded while its commit was on its way is fenced, and nothing of it is seen", async () => {
    await log.close();
    log = await openLog({ requestMsMax: 20_000 });
    const old = await log.openWriter(`${topic}-writer`);
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "request", action: "hold" });
    const committing = Promise.allSettled([old.commit([batch(topic, 0, records("old", 2))])]);
    await rule.first;
    const newer = await log.openWriter(`${topic}-writer`);
    rule.release();
    expect(await committing).toMatchObject([{ status: "rejected", reason: expect.any(TaskFenced) }]);
    await newer.commit([batch(topic, 0, [record("k", "newer")])]);
    expect(await valuesOf(0)).toEqual(["newer"]);
  });

  test("a writer whose transaction the broker has given up is fenced, and nothing of it is seen", async () => {
    await log.close();
    log = await openLog({ requestMsMax: 20_000, transactionMsMax: 300 });
    const writer = await log.openWriter(`${topic}-writer`);
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "request", action: "hold" });
    const committing = Promise.allSettled([writer.commit([batch(topic, 0, records("late", 2))])]);
    await rule.first;
    // The broker's abort marker moves the end past the two records.
    await until("the broker's abort", async () => ((await log.offsets(topic, 0)).end > 2 ? true : null));
    rule.release();
    expect(await committing).toMatchObject([{ status: "rejected", reason: expect.any(TaskFenced) }]);
    expect(await valuesOf(0)).toEqual([]);
  });

  test("batches whose answer is lost are sent again and are there once", async () => {
    const writer = await log.openWriter(`${topic}-writer`);
    for (const append of [
      () => writer.commit([batch(topic, 0, records("commit", 5)), batch(topic, 1, records("commit", 5))]),
      () => log.append([batch(topic, 0, records("append", 5))]),
      () => log.append([batch(topic, 0, records("both", 5)), batch(topic, 1, records("both", 5))]),
    ]) {
      const rule = proxy.addRule({ apiKey: API_KEY.produce, direction: "answer", action: "drop", times: 1 });
      await append();
      expect(rule.count()).toBe(1);
    }
    const expected = ["commit", "append", "both"].map((name) => records(name, 5).map((each) => shown(each)[1]));
    expect(await valuesOf(0)).toEqual(expected.flat());
    expect(await valuesOf(1)).toEqual([...(expected[0] ?? []), ...(expected[2] ?? [])]);
  });

  test("where the answer to the only append was lost, and it was sent again, time goes on all the same", async () => {
    const rule = proxy.addRule({ apiKey: API_KEY.produce, direction: "answer", action: "drop", times: 1 });
    const { appendedAt } = await log.append([batch(topic, 0, records("a", 1))]);
    expect(rule.count()).toBe(1);
    await until("a slice that is complete to it", async () => {
      const { completeTo } = await fetchOne(log, topic, 1, 0, { waitMs: 20 });
      return completeTo >= appendedAt ? true : null;
    });
  });

  test("a commit whose batches get through to nobody is not applied, and says so", async () => {
    const impatient = await openLog({ commitMsMax: 1_000 });
    const writer = await impatient.openWriter(`${topic}-writer`);
    proxy.addRule({ apiKey: API_KEY.produce, direction: "request", action: "reset" });
    await expect(writer.commit([batch(topic, 0, records("a", 1))])).rejects.toThrow(LogUnavailable);
    await impatient.close();
    proxy.heal();
    await log.openWriter(`${topic}-writer`);
    expect(await valuesOf(0)).toEqual([]);
  });

  test("a commit of which the broker refuses a batch is aborted at once, and holds up no reader", async () => {
    const small = `${topic}-small`;
    await log.createTopics([{ name: small, partitions: 1, policy: { cleanup: "delete", retentionMs: 3_600_000 } }]);
    await setSmallMessages(small);
    const writer = await log.openWriter(`${topic}-writer`);
    const refused = writer.commit([batch(topic, 0, records("a", 1)), batch(small, 0, records("a", 1, 10_000))]);
    await expect(refused).rejects.toThrow(LogUnavailable);
    await log.append([batch(topic, 0, records("b", 1))]);
    const slice = await until(
      "the record behind",
      async () => {
        const { records: read } = await fetchOne(log, topic, 0, 0, { waitMs: 100 });
        return read.length > 0 ? read.map((each) => shown(each)[1]) : null;
      },
      3_000,
    );
    expect(slice).toEqual(records("b", 1).map((each) => shown(each)[1]));
  });

  test("connections that go dead without a word are given up", async () => {
    await log.append([batch(topic, 0, records("a", 1))]);
    proxy.goSilent();
    const impatient = { bytesMaxPerPartition: 1_000, waitMsMax: 0, signal: new AbortController().signal };
    await expect(log.fetch([{ topic, partition: 0, offset: 0 }], impatient)).rejects.toThrow(LogUnavailable);
    proxy.heal();
    await log.append([batch(topic, 0, records("b", 1))]);
    expect(await valuesOf(0)).toHaveLength(2);
  });

  test("closing the log ends the fetches that wait, and later calls are refused", async () => {
    const startedAt = performance.now();
    const waiting = Promise.allSettled([fetchOne(log, topic, 0, 0, { waitMs: 60_000 })]);
    await fetchOne(log, topic, 1, 0); // The connection for fetching is there.
    await log.close();
    expect(await waiting).toMatchObject([{ status: "rejected", reason: expect.any(LogUnavailable) }]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await expect(log.append([batch(topic, 0, records("late", 1))])).rejects.toThrow(LogUnavailable);
    await expect(log.openWriter("late")).rejects.toThrow(LogUnavailable);
    await expect(log.topics()).rejects.toThrow(LogUnavailable);
  });

  test("an append waits until a broker's clock has passed the time given", async () => {
    const first = await log.append([batch(topic, 0, records("a", 1))]);
    const after = first.appendedAt + 300;
    const second = await log.append([batch(topic, 0, records("b", 1))], { after });
    expect(second.appendedAt).toBeGreaterThan(after);
    expect((await readAll(log, topic, 0)).map(({ appendedAt }) => appendedAt > after)).toEqual([false, true]);
  });

  test("a broker that is killed and comes back: calls fail meanwhile, and everything goes on", async () => {
    const problems: unknown[] = [];
    const reached: string[] = [];
    const watched = await openKafkaLog({
      brokers: [broker.bootstrap],
      clientId: "faults",
      clock: systemClock,
      limits: { requestMsMax: 700, readMsMax: 1_000, commitMsMax: 1_000, connectMsMax: 500 },
      onProblem: (error) => problems.push(error),
      onReachedAgain: (address) => reached.push(address),
    });
    const writer = await watched.openWriter(`${topic}-writer`);
    await writer.commit([batch(topic, 0, records("before", 2))]);
    await watched.offsets(topic, 0);
    await broker.kill();
    proxy.reset();
    await expect(writer.commit([batch(topic, 0, records("lost", 2))])).rejects.toThrow(LogUnavailable);
    await expect(watched.append([batch(topic, 0, records("lost", 2))])).rejects.toThrow(LogUnavailable);
    await expect(fetchOne(watched, topic, 0, 2, { waitMs: 100 })).rejects.toThrow(LogUnavailable);
    expect(problems.length).toBeGreaterThan(0);
    expect(reached).toEqual([]);
    await broker.restart();
    const next = await watched.openWriter(`${topic}-writer`);
    await next.commit([batch(topic, 0, records("after", 2))]);
    expect(reached).toContain(broker.bootstrap);
    await watched.close();
    const expected = ["before", "after"].flatMap((name) => records(name, 2).map((each) => shown(each)[1]));
    expect(await valuesOf(0)).toEqual(expected);
  });
});
