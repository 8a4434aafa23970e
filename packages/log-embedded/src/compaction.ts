import type { LogRecord } from "@tidemark/streams";
import { readRecords, wholeBatch } from "./batch-cut.ts";
import { scanBatches } from "./batch-scan.ts";
import { batchKey, type BatchPlace } from "./keys.ts";
import type { LevelOperation } from "./level-instance.ts";
import type { LogLimits } from "./limits.ts";
import { partitionOperation, type LogState } from "./log-state.ts";
import type { MaintenanceContext } from "./maintenance.ts";
import { placeOf, runAt, type Partition, type Run } from "./partition.ts";
import { encodeSparseBatch, type StoredBatch } from "./stored-batch.ts";

/**
 * Leaves of each key its newest record, and of deleted keys nothing once their tombstones are old enough. Works on
 * closed segments only, in two passes as Apache Kafka's cleaner does: the newest offset of each key written since
 * the last time, as many as memory is granted; then everything from the start is read again, and what is no longer
 * the newest is left out. Neighbours that have become small are put together. Each step is one atomic write of
 * about a megabyte that replaces some batches by one that answers for the same offsets, under the key of the last.
 *
 *  K1 A reader that begins anywhere sees the newest record of each key that is beyond its beginning, tombstones
 *     included for as long as the retention of tombstones.
 *  K2 Before `compactedTo` there is one record of each key at most.
 */
export async function compact(
  context: MaintenanceContext,
  limits: LogLimits,
  state: LogState,
  partition: Partition,
  lagMsMax: number,
): Promise<void> {
  const now = context.clock.now();
  const end = closedEnd(state, partition);
  const tombstonesBefore = now - limits.tombstoneRetentionMs;
  if (!isDue(partition, limits, end, now - lagMsMax / 2, tombstonesBefore)) return;
  let tombstonesFrom: number | null = null;
  const newest = new Map<string, number>();
  const mappedTo = await mapNewest(context, limits, partition, end, newest);
  const kept = await rewrite(context, state, partition, mappedTo, (record) => {
    if (record.key === null) return true;
    const offset = newest.get(text(record.key));
    if (offset !== undefined && offset > record.offset) return false;
    if (record.value !== null) return true;
    if (record.appendedAt < tombstonesBefore) return false;
    tombstonesFrom = Math.min(tombstonesFrom ?? record.appendedAt, record.appendedAt);
    return true;
  });
  if (context.signal.aborted) return;
  partition.compactedTo = mappedTo;
  partition.compactedRecords = kept;
  partition.tombstonesFrom = tombstonesFrom;
  await context.storage.write(state, [partitionOperation(state, partition)]);
}

/** The offset at which the segment begins that is still written to. */
function closedEnd(state: LogState, { runs, start, end }: Partition): number {
  if (runs.at(-1)?.segment !== state.segment.number) return end;
  return runs.at(-2)?.end ?? start;
}

/** Whether there is as much new as was kept, or something new that has waited long enough, or a tombstone that need not be kept any more. */
function isDue(
  partition: Partition,
  limits: LogLimits,
  end: number,
  appendedBefore: number,
  tombstonesBefore: number,
): boolean {
  if (partition.tombstonesFrom !== null && partition.tombstonesFrom < tombstonesBefore) return true;
  const records = end - partition.compactedTo;
  if (records <= 0) return false;
  if (records >= Math.max(limits.compactionRecordsMin, partition.compactedRecords)) return true;
  const oldest = runAt(partition, partition.compactedTo);
  return oldest !== undefined && oldest.appendedFrom < appendedBefore;
}

/** @returns the offset up to which all keys are in `newest` */
async function mapNewest(
  { storage, clock, signal }: MaintenanceContext,
  limits: LogLimits,
  partition: Partition,
  end: number,
  newest: Map<string, number>,
): Promise<number> {
  const range = { offset: partition.compactedTo, end, bytesMax: STEP_BYTES };
  let offsetNext = range.offset;
  let bytes = 0;
  for await (const batch of scanBatches(storage.level, partition, range)) {
    for (const { key, offset } of recordsOf(batch)) {
      if (key !== null) newest.set(text(key), offset);
    }
    offsetNext = batch.offsetLast + 1;
    bytes += batch.bytes.length;
    if (bytes >= STEP_BYTES) {
      await clock.yield();
      bytes = 0;
    }
    if (newest.size >= limits.compactionKeysMax || signal.aborted) break;
  }
  return offsetNext;
}

/** @returns how many records were kept */
async function rewrite(
  context: MaintenanceContext,
  state: LogState,
  partition: Partition,
  end: number,
  keep: (record: LogRecord) => boolean,
): Promise<number> {
  const { storage, clock, signal } = context;
  let kept = 0;
  let step: Step | null = null;
  const finish = async ({ run, batches, records, dropped }: Step): Promise<void> => {
    kept += records.length;
    if (batches.length > 1 || dropped > 0) {
      context.onRemoved(run.segment);
      await storage.write(state, replacement(placeOf(partition, run), batches, records));
    }
    await clock.yield();
  };
  const range = { offset: partition.start, end, bytesMax: STEP_BYTES };
  for await (const batch of scanBatches(storage.level, partition, range)) {
    if (signal.aborted) return kept;
    const run = runAt(partition, batch.offsetLast) as Run;
    if (step !== null && (step.run !== run || step.bytesRead >= STEP_BYTES || step.bytesKept >= BATCH_BYTES)) {
      await finish(step);
      step = null;
    }
    step ??= { run, batches: [], records: [], dropped: 0, bytesRead: 0, bytesKept: 0 };
    take(step, batch, keep);
  }
  if (step !== null) await finish(step);
  return kept;
}

/** Neighbouring batches of one run that become one. */
interface Step {
  readonly run: Run;
  readonly batches: StoredBatch[];
  readonly records: LogRecord[];
  dropped: number;
  bytesRead: number;
  bytesKept: number;
}

/** What one step reads… */
const STEP_BYTES = 1_000_000;
/** …and how much of it is enough for one batch. */
const BATCH_BYTES = 64_000;

function take(step: Step, batch: StoredBatch, keep: (record: LogRecord) => boolean): void {
  step.batches.push(batch);
  step.bytesRead += batch.bytes.length;
  for (const record of recordsOf(batch)) {
    if (keep(record)) {
      step.records.push(record);
      step.bytesKept += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    } else {
      step.dropped += 1;
    }
  }
}

function replacement(
  place: BatchPlace,
  batches: readonly StoredBatch[],
  records: readonly LogRecord[],
): LevelOperation[] {
  const first = batches[0] as StoredBatch;
  const { offsetLast, appendedAt } = batches.at(-1) as StoredBatch;
  const { bytes } = encodeSparseBatch({ offsetFirst: first.offsetFirst, offsetLast, appendedAt }, records);
  const operations: LevelOperation[] = [{ type: "put", key: batchKey(place, offsetLast), value: bytes }];
  for (const batch of batches.slice(0, -1)) {
    operations.push({ type: "del", key: batchKey(place, batch.offsetLast) });
  }
  return operations;
}

function recordsOf(batch: StoredBatch): LogRecord[] {
  const records: LogRecord[] = [];
  readRecords(wholeBatch(batch), records);
  return records;
}

/** Bytes as a key of a map, one character each. */
function text(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}
