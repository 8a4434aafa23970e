import { Kafka, logLevel, type Producer } from "kafkajs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { until } from "../integration/until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { API_KEY } from "./kafka-frames.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { topicSpaceOn, type TopicSpace } from "./topic-space.ts";

let proxy: TcpProxy;
let broker: Broker;
/** Beside the proxy. */
let space: TopicSpace;
/** Through it. */
let producer: Producer;

describe.skipIf(!inject("ownBrokers"))("a proxy before a broker", { timeout: 180_000 }, () => {
  beforeAll(async () => {
    proxy = await openTcpProxy();
    broker = await startBroker({ advertisedPort: proxy.port });
    proxy.connectTo(broker.clientPort);
    space = await topicSpaceOn([broker.internal]);
    await space.createTopics([{ topic: "orders" }]);
  }, 120_000);

  afterAll(async () => {
    await space[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  beforeEach(async ({ task }) => {
    producer = transactional(task.id);
    await producer.connect();
  });

  afterEach(async () => {
    proxy.heal();
    await producer.disconnect();
  });

  test("an EndTxn whose answer is lost has committed, and the client does not know", async () => {
    const before = await readable();
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "answer", action: "drop" });
    const transaction = await send();

    await expect(transaction.commit()).rejects.toThrow(/timed out/u);

    expect(rule.count()).toBeGreaterThan(0);
    // The record and its marker.
    await until("the commit", async () => ((await readable()) === before + 2 ? true : null));
  });

  test("an EndTxn that is held back commits when it is released, not before", async () => {
    const before = await readable();
    const rule = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "request", action: "hold", times: 1 });
    const transaction = await send();

    const committing = transaction.commit();
    await rule.first;
    // Whose commit passes, as the rule is over; and yet nothing after an open transaction is readable.
    const other = transactional("other");
    await other.connect();
    await (await send(other)).commit();
    expect(await readable()).toBe(before);
    rule.release();
    await committing;
    await other.disconnect();

    await until("the commit", async () => ((await readable()) === before + 4 ? true : null));
  });

  test("a connection that is reset at a produce request is lost with it", async () => {
    const rule = proxy.addRule({ apiKey: API_KEY.produce, direction: "request", action: "reset" });

    await expect(send()).rejects.toThrow(/closed connection|ECONNRESET/iu);

    expect(rule.count()).toBeGreaterThan(1);
  });

  test.each(["pause", "goSilent"] as const)("after %s nothing is answered until it is over", async (fault) => {
    await (await send()).commit();

    proxy[fault]();
    await expect(send()).rejects.toThrow(/timed out|coordinator/u);
    proxy.heal();

    // kafkajs does not go on with a producer whose send failed.
    const next = transactional("next");
    await next.connect();
    await (await send(next)).commit();
    await next.disconnect();
  });

  test("a delay is added to each way", async () => {
    await (await send()).commit();
    proxy.delay(100);
    const startedAt = performance.now();

    await producer.connect();
    await (await send()).commit();

    expect(performance.now() - startedAt).toBeGreaterThan(3 * 2 * 100);
  });
});

function transactional(name: string): Producer {
  const kafka = new Kafka({
    brokers: [broker.bootstrap],
    logLevel: logLevel.NOTHING,
    requestTimeout: 1_000,
    connectionTimeout: 500,
    retry: { initialRetryTime: 50, maxRetryTime: 100, retries: 3 },
  });
  return kafka.producer({ transactionalId: space.prefix + name, idempotent: true, maxInFlightRequests: 1 });
}

async function send(by = producer): ReturnType<Producer["transaction"]> {
  const transaction = await by.transaction();
  await transaction.send({ topic: `${space.prefix}orders`, messages: [{ value: "1" }] });
  return transaction;
}

/** @returns the end of what is committed, control records included */
async function readable(): Promise<number> {
  const [partition] = await space.admin.fetchTopicOffsets(`${space.prefix}orders`);
  return Number(partition?.high);
}
