import { existsSync } from "node:fs";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, inject, test } from "vitest";
import { startBroker } from "./broker.ts";

describe.skipIf(!inject("ownBrokers"))("a broker", { timeout: 180_000 }, () => {
  test("keeps its records and its ports over kill -9", async () => {
    await using broker = await startBroker();
    const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "kept" }], waitForLeaders: false });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: "kept", messages: [{ value: "1" }, { value: "2" }] });
    const pidBefore = broker.pid;

    await broker.kill();
    await broker.restart();

    expect(broker.pid).not.toBe(pidBefore);
    expect(await admin.fetchTopicOffsets("kept")).toMatchObject([{ partition: 0, high: "2" }]);
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });

  test("that cannot start shows what its log says", async () => {
    const started = startBroker({ settings: { "log.retention.ms": "never" } });

    await expect(started).rejects.toThrow(/broker 1 ended.*Invalid value never for configuration log.retention.ms/su);
  });

  test("that is disposed of leaves no process and no folder", async () => {
    const broker = await startBroker();

    await broker[Symbol.asyncDispose]();

    expect(() => process.kill(broker.pid, 0)).toThrow("ESRCH");
    expect(existsSync(broker.directory)).toBe(false);
  });
});
