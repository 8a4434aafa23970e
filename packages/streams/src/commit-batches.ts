import { entryKey, JOURNAL_KEY } from "./changelog.ts";
import { BATCH_BYTES_MAX, contentBytes, type PartitionBatch, type RecordToAppend } from "./event-log.ts";
import type { TaskOptions } from "./task-options.ts";
import type { TurnResult } from "./turn-plan.ts";

/** All that a turn commits: the states that it changed and its journal entry, which comes last, that entry for readers of the journal, and what it emitted. */
export function turnBatches(
  { changed, emitted }: Pick<TurnResult, "changed" | "emitted">,
  journal: Uint8Array,
  { topics, partition }: Pick<TaskOptions<unknown, unknown>, "topics" | "partition">,
): PartitionBatch[] {
  const journalRecord: RecordToAppend = { key: JOURNAL_KEY, value: journal };
  const changelog: RecordToAppend[] = changed.map(({ entry: { key }, bytes }) => ({
    key: entryKey(key),
    value: bytes,
  }));
  changelog.push(journalRecord);
  const byTopic = new Map<string, RecordToAppend[]>([
    [topics.changelog, changelog],
    [topics.journal, [journalRecord]],
  ]);
  for (const record of emitted) {
    const records = byTopic.get(record.topic);
    if (records === undefined) byTopic.set(record.topic, [record]);
    else records.push(record);
  }
  return batchesOf(byTopic, partition);
}

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
