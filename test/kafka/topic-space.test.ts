import { Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { openTopicSpace } from "./topic-space.ts";

test("topic spaces share a broker, and each removes what it made", async () => {
  await using witness = await openTopicSpace();
  const space = await openTopicSpace();
  await space.createTopics([{ topic: "orders", numPartitions: 3 }]);
  await witness.createTopics([{ topic: "orders" }]);
  const consumer = new Kafka({ brokers: [...space.brokers], logLevel: logLevel.NOTHING }).consumer({
    groupId: `${space.prefix}readers`,
    maxWaitTimeInMs: 50,
  });
  await consumer.subscribe({ topic: `${space.prefix}orders` });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async () => undefined });
  await joined;
  await consumer.disconnect();
  await until("a group without members", async () => {
    const { groups } = await witness.admin.describeGroups([`${space.prefix}readers`]);
    return groups[0]?.state === "Empty" ? true : null;
  });

  await space[Symbol.asyncDispose]();

  expect(space.brokers).toEqual(witness.brokers);
  const topics = await witness.admin.listTopics();
  expect(topics).toContain(`${witness.prefix}orders`);
  expect(topics.filter((topic) => topic.startsWith(space.prefix))).toEqual([]);
  const { groups } = await witness.admin.listGroups();
  expect(groups.filter(({ groupId }) => groupId.startsWith(space.prefix))).toEqual([]);
});
