import { randomUUID } from "node:crypto";
import { type Admin, type ITopicConfig, Kafka, logLevel } from "kafkajs";
import { inject } from "vitest";
import { until } from "../integration/until.ts";

/** A corner of a broker that other test files use too: what is named in it starts with a prefix of its own. */
export interface TopicSpace extends AsyncDisposable {
  /** host:port of each broker. */
  readonly brokers: readonly string[];
  /** Begins every topic, consumer group and transactional id of the test, and ends with a dot. */
  readonly prefix: string;
  readonly admin: Admin;
  /** Creates topics, the prefix put before their names, and waits until each partition has a leader. */
  createTopics(topics: readonly ITopicConfig[]): Promise<void>;
  /** Deletes topics and idle groups of the prefix. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * On the broker that the files of this run share, or on those of KAFKA_BROKERS (plain text, without a login) if that
 * is set. A file that kills, pauses or reconfigures its broker starts one of its own.
 * @throws Error where the shared broker did not start
 */
export async function openTopicSpace(): Promise<TopicSpace> {
  return topicSpaceOn(await sharedBrokers());
}

/** On these brokers. */
export async function topicSpaceOn(brokers: readonly string[]): Promise<TopicSpace> {
  const prefix = `test-${randomUUID()}.`;
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  return {
    brokers,
    prefix,
    admin,
    async createTopics(topics) {
      const named = topics.map((topic) => ({ ...topic, topic: prefix + topic.topic }));
      await createTopics(admin, named);
    },
    async [Symbol.asyncDispose]() {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
      await deleteIdleGroups(admin, prefix);
      await admin.disconnect();
    },
  };
}

/** @returns host:port of each */
export async function sharedBrokers(): Promise<readonly string[]> {
  const own = process.env["KAFKA_BROKERS"];
  if (own !== undefined && own !== "") return own.split(",").map((broker) => broker.trim());
  const answer = await fetch(inject("sharedBrokerUrl"));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the broker that test files share did not start: ${text}`);
  return [text];
}

/** kafkajs's own wait for leaders fails on KRaft, where a topic is known a moment after it was created. */
async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: [...topics], waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  await until("a leader of every partition", async () => {
    const known = new Set(await admin.listTopics());
    if (!names.every((name) => known.has(name))) return null;
    const { topics: described } = await admin.fetchTopicMetadata({ topics: names });
    const leaders = described.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
    return leaders.every((leader) => leader >= 0) ? true : null;
  });
}

/** A group of a process that was killed has members for some seconds more; Kafka removes it when it expires. */
async function deleteIdleGroups(admin: Admin, prefix: string): Promise<void> {
  const { groups } = await admin.listGroups();
  const ours = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
  if (ours.length === 0) return;
  const described = await admin.describeGroups(ours);
  const idle = described.groups.filter(({ state }) => state === "Empty").map(({ groupId }) => groupId);
  if (idle.length > 0) await admin.deleteGroups(idle);
}
