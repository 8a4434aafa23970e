import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import type { ReadRecord } from "./oracle/run-records.ts";

const READ_MS_MAX = 240_000;
/** What marks the end of what is to be read; no key of ours is like it. */
const END_PREFIX = "end-of-what-is-read-";

/**
 * Reads topics from their beginning with a plain kafkajs consumer, read_committed: none of our own reader takes part.
 * It first writes one record of its own to the end of each partition, since the last of a partition may be a marker that no
 * consumer is told of: so nothing may follow these topics any more. A transaction still open there keeps it from ending.
 * @returns by topic and partition, in the order of offsets, without those marks
 * @throws Error with what has not been reached within the bound
 */
export async function readPlainly(
  brokers: readonly string[],
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly (readonly ReadRecord[])[]>> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const mark = Buffer.from(END_PREFIX + randomUUID());
  const waiting = await markEnds(kafka, topics, mark);
  const read = new Map<string, ReadRecord[][]>(topics.map((topic) => [topic, []]));
  const consumer = kafka.consumer({ groupId: `plain-${randomUUID()}`, maxBytesPerPartition: 4_000_000 });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`not read to the end: ${[...waiting].join(", ")}`)), READ_MS_MAX);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        const records = ((read.get(topic) ?? [])[partition] ??= []);
        for (const { offset, timestamp, key, value } of messages) {
          if (key?.equals(mark) === true) waiting.delete(`${topic}/${partition}`);
          else if (key?.toString().startsWith(END_PREFIX) !== true) {
            records.push({ offset: Number(offset), appendedAt: Number(timestamp), key, value });
          }
        }
        if (waiting.size === 0) resolve();
      },
    });
    await done;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
  return read;
}

/** @returns `topic/partition` of each */
async function markEnds(kafka: Kafka, topics: readonly string[], mark: Buffer): Promise<Set<string>> {
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    const { topics: described } = await admin.fetchTopicMetadata({ topics: [...topics] });
    const topicMessages = described.map(({ name, partitions }) => ({
      topic: name,
      messages: partitions.map(({ partitionId }) => ({ partition: partitionId, key: mark, value: null })),
    }));
    await producer.sendBatch({ acks: -1, topicMessages });
    return new Set(
      topicMessages.flatMap(({ topic, messages }) => messages.map(({ partition }) => `${topic}/${partition}`)),
    );
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}
