import { LogCorrupted } from "@tidemark/streams";
import { batchKeys } from "./keys.ts";
import { openCursor, type LevelInstance } from "./level-instance.ts";
import { placeOf, requireInRange, runAt, type Partition } from "./partition.ts";
import { openBatch, type StoredBatch } from "./stored-batch.ts";

export interface BatchRange {
  readonly offset: number;
  /** The end of a batch, or where there is nothing yet. */
  readonly end: number;
  /** What one read from Level may hold, beside one batch. */
  readonly bytesMax: number;
}

/**
 * The batches on disk that answer for the offsets `offset` ≤ o < `end`, the first perhaps for earlier ones too.
 * Each is as its checksum says and follows the one before without a gap.
 * @throws LogCorrupted, LogUnavailable; OffsetOutOfRange if retention comes in between
 */
export async function* scanBatches(
  level: LevelInstance,
  partition: Partition,
  { offset, end, bytesMax }: BatchRange,
): AsyncGenerator<StoredBatch, void, undefined> {
  let offsetNext = offset;
  while (offsetNext < end) {
    requireInRange(partition, offsetNext);
    const run = runAt(partition, offsetNext);
    if (run === undefined) throw corrupted(partition, offsetNext, "no segment is known to hold it");
    const runEnd = Math.min(run.end, end);
    const range = batchKeys(placeOf(partition, run), offsetNext, runEnd);
    const values = openCursor(level, range, bytesMax);
    try {
      while (offsetNext < runEnd) {
        const read = await values.next();
        if (read.length === 0) {
          requireInRange(partition, offsetNext);
          throw corrupted(partition, offsetNext, "a batch is missing");
        }
        for (const bytes of read) {
          const batch = openBatch(bytes);
          if (batch === null) throw corrupted(partition, offsetNext, "a batch does not match its checksum");
          if (batch.offsetFirst !== offsetNext && (offsetNext !== offset || batch.offsetFirst > offset)) {
            throw corrupted(partition, offsetNext, "a batch is missing");
          }
          offsetNext = batch.offsetLast + 1;
          yield batch;
        }
      }
    } finally {
      await values.close();
    }
  }
}

function corrupted({ topic, index }: Partition, offset: number, what: string): LogCorrupted {
  return new LogCorrupted(`${topic}/${index} is damaged at offset ${offset}: ${what}; restore the log from a backup`);
}
