import { Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { openTopicSpace } from "./topic-space.ts";

test("topic spaces share a broker, and each removes what it made", { timeout: 180_000 }, async () => {
  await using witness = await openTopicSpace();
  const space = await openTopicSpace();
  for (const { createTopics } of [space, witness]) await createTopics([{ topic: "orders", numPartitions: 3 }]);
  const [groupId, topic] = [`${space.prefix}readers`, `${space.prefix}orders`];
  await commitOffset(space.brokers, groupId, topic);

  await space[Symbol.asyncDispose]();

  expect(space.brokers).toEqual(witness.brokers);
  const topics = await witness.admin.listTopics();
  expect(topics).toContain(`${witness.prefix}orders`);
  expect(topics.filter((name) => name.startsWith(space.prefix))).toEqual([]);
  const { groups } = await witness.admin.listGroups();
  expect(groups.filter((group) => group.groupId.startsWith(space.prefix))).toEqual([]);
});

/** Makes a group without a consumer, whose members would have to leave it first. */
async function commitOffset(brokers: readonly string[], groupId: string, topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ transactionalId: groupId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.sendOffsets({
    consumerGroupId: groupId,
    topics: [{ topic, partitions: [{ partition: 0, offset: "0" }] }],
  });
  await transaction.commit();
  await producer.disconnect();
}
