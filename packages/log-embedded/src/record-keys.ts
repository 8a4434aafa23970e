import type { EventLog } from "@tidemark/streams";

/** For tests: the keys of all records of a topic, by partition. */
export async function recordKeys(log: EventLog, topic: string, partitions: readonly number[]): Promise<string[][]> {
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  const positions = partitions.map((partition) => ({ topic, partition, offset: 0 }));
  const slices = await log.fetch(positions, options);
  return slices.map(({ records }) => records.map(({ key }) => Buffer.from(key ?? []).toString()));
}
