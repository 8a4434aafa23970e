import { cutBatch, type BatchCut } from "./batch-cut.ts";
import { scanBatches, type BatchRange } from "./batch-scan.ts";
import type { LevelInstance } from "./level-instance.ts";
import type { Partition } from "./partition.ts";
import type { StoredBatch } from "./stored-batch.ts";
import type { TailCache } from "./tail-cache.ts";

export interface PartitionRead {
  /** In order; each holds a record at least. */
  readonly cuts: readonly BatchCut[];
  readonly offsetNext: number;
  /** Append time of the last record; 0 where there is none. */
  readonly appendedTo: number;
}

/**
 * Reads the records of one partition from an offset on: the newest from memory at once, older ones from Level. Owns
 * the batches that were read and not used up, so that a reader whose bound is smaller than a batch does not read it
 * again each time.
 */
export class PartitionReader {
  readonly #level: LevelInstance;
  readonly #leftovers = new Map<Partition, StoredBatch>();
  #leftoverBytes = 0;

  constructor(level: LevelInstance) {
    this.#level = level;
  }

  /**
   * The records at offsets `offset` ≤ o < `end`, at most `bytesMax` of keys and values, at least one if there is one.
   * Answers at once where memory holds them.
   * @throws OffsetOutOfRange, LogCorrupted, LogUnavailable
   */
  read(tail: TailCache, partition: Partition, range: BatchRange): PartitionRead | Promise<PartitionRead> {
    const slice = new OpenSlice(range);
    if (slice.full) return slice;
    const newest = tail.from(partition, range.offset);
    if (newest === undefined) return this.#readLevel(partition, slice);
    for (const batch of newest) {
      slice.take(batch);
      if (slice.full) break;
    }
    return slice;
  }

  async #readLevel(partition: Partition, slice: OpenSlice): Promise<PartitionRead> {
    const leftover = this.#leftovers.get(partition);
    if (leftover !== undefined && leftover.offsetFirst <= slice.offsetNext && slice.offsetNext <= leftover.offsetLast) {
      slice.take(leftover);
    }
    if (slice.full) return slice;
    const range = { offset: slice.offsetNext, end: slice.end, bytesMax: slice.bytesLeft };
    for await (const batch of scanBatches(this.#level, partition, range)) {
      slice.take(batch);
      if (!slice.full) continue;
      if (slice.offsetNext <= batch.offsetLast) this.#keep(partition, batch);
      break;
    }
    return slice;
  }

  #keep(partition: Partition, batch: StoredBatch): void {
    this.#drop(partition);
    this.#leftovers.set(partition, batch);
    this.#leftoverBytes += batch.bytes.length;
    for (const oldest of this.#leftovers.keys()) {
      if (this.#leftoverBytes <= LEFTOVER_BYTES_MAX) break;
      this.#drop(oldest);
    }
  }

  #drop(partition: Partition): void {
    const batch = this.#leftovers.get(partition);
    if (batch === undefined) return;
    this.#leftovers.delete(partition);
    this.#leftoverBytes -= batch.bytes.length;
  }
}

const LEFTOVER_BYTES_MAX = 8_000_000;

/** A slice while it is being filled. */
class OpenSlice implements PartitionRead {
  readonly cuts: BatchCut[] = [];
  appendedTo = 0;
  readonly end: number;
  offsetNext: number;
  bytesLeft: number;
  full: boolean;

  constructor({ offset, end, bytesMax }: BatchRange) {
    this.offsetNext = offset;
    this.end = end;
    this.bytesLeft = bytesMax;
    this.full = offset >= end;
  }

  take(batch: StoredBatch): void {
    const countMin = this.cuts.length === 0 ? 1 : 0;
    const { cut, content, offsetNext, appendedTo } = cutBatch(batch, this.offsetNext, this.bytesLeft, countMin);
    if (cut !== null) {
      this.cuts.push(cut);
      this.appendedTo = appendedTo;
    }
    this.bytesLeft -= content;
    this.offsetNext = offsetNext;
    this.full = offsetNext >= this.end || offsetNext <= batch.offsetLast || this.bytesLeft <= 0;
  }
}
