import { Kafka, logLevel } from "kafkajs";
import { describe, expect, inject, test } from "vitest";
import { leaderOf, startCluster } from "./cluster.ts";
import { topicSpaceOn } from "./topic-space.ts";

describe.skipIf(!inject("ownBrokers"))("three brokers", { timeout: 180_000 }, () => {
  test("take writes while one is dead, which catches up, and leaders go where they are sent", async () => {
    await using cluster = await startCluster();
    await using space = await topicSpaceOn(cluster.brokers);
    const topic = `${space.prefix}orders`;
    await space.createTopics([{ topic: "orders", replicationFactor: 3 }]);
    const producer = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const send = (value: string): Promise<unknown> => producer.send({ topic, acks: -1, messages: [{ value }] });
    const { admin } = space;

    await cluster.moveLeader(admin, { topic, partition: 0, to: 2 });
    await send("three brokers");
    await cluster.node(2).kill();
    await send("two brokers");
    expect(await leaderOf(admin, topic, 0)).not.toBe(2);

    await cluster.restart(2);
    await cluster.moveLeader(admin, { topic, partition: 0, to: 2 });
    await send("three again");

    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: "3" }]);
    await producer.disconnect();
  });
});
