import { Kafka, logLevel } from "kafkajs";
import { describe, expect, inject, test } from "vitest";
import { readByConsole } from "./console-consumer.ts";
import { openTopicSpace } from "./topic-space.ts";

describe.skipIf(!inject("ownBrokers"))("Kafka's own consumer", { timeout: 180_000 }, () => {
  test("gives every byte of committed records, and no aborted one", async () => {
    await using space = await openTopicSpace();
    await space.createTopics([{ topic: "bytes" }]);
    const topic = `${space.prefix}bytes`;
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const kafka = new Kafka({ brokers: [...space.brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const committed = await producer.transaction();
    await committed.send({ topic, messages: [{ key: every, value: every, timestamp: "1700000000000" }] });
    await committed.send({ topic, messages: [{ key: "", value: null }] });
    await committed.commit();
    const aborted = await producer.transaction();
    await aborted.send({ topic, messages: [{ value: "aborted" }] });
    await aborted.abort();
    const last = await producer.transaction();
    await last.send({ topic, messages: [{ key: null, value: "last" }] });
    await last.commit();
    await producer.disconnect();

    // The commit was answered; until the broker has written it, and its consumer is in its group, time may pass.
    const records = await readByConsole({ brokers: space.brokers, topic, recordsMax: 3, idleMsMax: 60_000 });

    expect(records).toMatchObject([
      { offset: 0, key: every, value: every, timestamp: 1_700_000_000_000, timestampType: "CreateTime", partition: 0 },
      { offset: 1, key: Buffer.alloc(0), value: null },
      { offset: 5, key: null, value: Buffer.from("last") },
    ]);
  });
});
