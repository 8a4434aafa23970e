import { BATCH_BYTES_MAX, contentBytes, type PartitionBatch, type RecordToAppend } from "./event-log.ts";

/** Records by topic as batches for one partition, each within {@link BATCH_BYTES_MAX} (or of a single record). */
export function batchesOf(
  recordsByTopic: ReadonlyMap<string, readonly RecordToAppend[]>,
  partition: number,
): PartitionBatch[] {
  return [...recordsByTopic].flatMap(([topic, records]) => splitBatches(topic, partition, records));
}

function splitBatches(topic: string, partition: number, records: readonly RecordToAppend[]): PartitionBatch[] {
  const batches: PartitionBatch[] = [];
  let start = 0;
  let bytes = 0;
  for (let index = 0; index < records.length; index++) {
    const size = contentBytes(records[index] as RecordToAppend);
    if (index > start && bytes + size > BATCH_BYTES_MAX) {
      batches.push({ topic, partition, records: records.slice(start, index) });
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  batches.push({ topic, partition, records: start === 0 ? records : records.slice(start) });
  return batches;
}
