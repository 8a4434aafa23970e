import { expect, test } from "vitest";
import { openTopicSpace } from "./topic-space.ts";

test("topic spaces share a broker, and each removes what it made", async () => {
  await using witness = await openTopicSpace();
  const space = await openTopicSpace();
  for (const { createTopics } of [space, witness]) await createTopics([{ topic: "orders", numPartitions: 3 }]);
  const [groupId, topic] = [`${space.prefix}readers`, `${space.prefix}orders`];
  await space.admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "0" }] });

  await space[Symbol.asyncDispose]();

  expect(space.brokers).toEqual(witness.brokers);
  const topics = await witness.admin.listTopics();
  expect(topics).toContain(`${witness.prefix}orders`);
  expect(topics.filter((name) => name.startsWith(space.prefix))).toEqual([]);
  const { groups } = await witness.admin.listGroups();
  expect(groups.filter((group) => group.groupId.startsWith(space.prefix))).toEqual([]);
});
