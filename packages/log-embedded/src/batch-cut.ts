import type { LogRecord } from "@tidemark/streams";
import { HEADER_BYTES, isSparse, type StoredBatch } from "./stored-batch.ts";
import { readVarint, varintBytes } from "./varint.ts";

/** Successive records of one batch, as they lie in it: what one reader gets of it. */
export interface BatchCut {
  /** After the record before the first one; in a batch that is not sparse, the first one's own. */
  readonly offsetFirst: number;
  /** Append time of the newest record of the batch, ms since the epoch. */
  readonly appendedAt: number;
  readonly sparse: boolean;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** What a reader gets of a batch, and how far that brings it. */
export interface CutRead {
  /** null where no record is left at these offsets. */
  readonly cut: BatchCut | null;
  /** Keys and values of the records in it. */
  readonly content: number;
  /** After the last record in it, or after the batch if that was the last. */
  readonly offsetNext: number;
  /** Append time of the last record in it, ms since the epoch. */
  readonly appendedTo: number;
}

/** All records of a batch. */
export function wholeBatch(batch: StoredBatch): BatchCut {
  const { offsetFirst, appendedAt, count, bytes } = batch;
  return { offsetFirst, appendedAt, count, sparse: isSparse(batch), bytes: bytes.subarray(HEADER_BYTES) };
}

/**
 * The records at offsets ≥ `offset`, as a view without a copy, while their keys and values stay within `contentMax`.
 * @param countMin how many are taken whatever their size, 0 or 1
 */
export function cutBatch(batch: StoredBatch, offset: number, contentMax: number, countMin: number): CutRead {
  const { bytes, appendedAt } = batch;
  const sparse = isSparse(batch);
  let position = HEADER_BYTES;
  let offsetNext = batch.offsetFirst;
  let appendedTo = appendedAt;
  let offsetFirst = offsetNext;
  let start = position;
  let count = 0;
  let content = 0;
  for (let left = batch.count; left > 0; left -= 1) {
    const recordStart = position;
    const recordFrom = offsetNext;
    let before = 0;
    if (sparse) {
      const skipped = readVarint(bytes, position);
      position += varintBytes(skipped);
      before = readVarint(bytes, position);
      position += varintBytes(before);
      offsetNext += skipped;
    }
    const keyField = readVarint(bytes, position);
    position += varintBytes(keyField);
    const valueField = readVarint(bytes, position);
    position += varintBytes(valueField);
    const size = (keyField === 0 ? 0 : keyField - 1) + (valueField === 0 ? 0 : valueField - 1);
    if (offsetNext >= offset) {
      if (content + size > contentMax && count >= countMin) {
        return { cut: cutOf(recordStart), content, offsetNext, appendedTo };
      }
      if (count === 0) {
        start = recordStart;
        offsetFirst = recordFrom;
      }
      count += 1;
      content += size;
      appendedTo = appendedAt - before;
    }
    position += size;
    offsetNext += 1;
  }
  return { cut: cutOf(position), content, offsetNext: batch.offsetLast + 1, appendedTo };

  function cutOf(end: number): BatchCut | null {
    return count === 0 ? null : { offsetFirst, appendedAt, sparse, count, bytes: bytes.subarray(start, end) };
  }
}

/** What the records of one batch share. */
interface RecordsOfBatch {
  readonly bytes: Buffer;
  /** Append time of the newest record of the batch, ms since the epoch. */
  readonly appendedAt: number;
}

/** Where a record lies in its batch. */
interface RecordPlace {
  /** By how much it is older than the newest record of the batch, ms. */
  readonly before: number;
  /** −1 = none. */
  readonly keyStart: number;
  readonly keyEnd: number;
  /** −1 = none. */
  readonly valueEnd: number;
}

/**
 * A record as it lies in its batch. Key and value are Buffers, views without a copy, and made when asked for: a view
 * takes as much memory as a small record, and many records wait for their turn. So it has small integers alone: a time would be an object of its own.
 */
class RecordInBatch implements LogRecord {
  readonly offset: number;
  readonly #batch: RecordsOfBatch;
  readonly #before: number;
  readonly #keyStart: number;
  readonly #keyEnd: number;
  readonly #valueEnd: number;

  constructor(offset: number, batch: RecordsOfBatch, { before, keyStart, keyEnd, valueEnd }: RecordPlace) {
    this.offset = offset;
    this.#batch = batch;
    this.#before = before;
    this.#keyStart = keyStart;
    this.#keyEnd = keyEnd;
    this.#valueEnd = valueEnd;
  }

  get appendedAt(): number {
    return this.#batch.appendedAt - this.#before;
  }

  get key(): Uint8Array | null {
    return this.#keyStart < 0 ? null : this.#batch.bytes.subarray(this.#keyStart, this.#keyEnd);
  }

  get value(): Uint8Array | null {
    return this.#valueEnd < 0 ? null : this.#batch.bytes.subarray(this.#keyEnd, this.#valueEnd);
  }

  get bytes(): number {
    const keyStart = this.#keyStart < 0 ? this.#keyEnd : this.#keyStart;
    return (this.#valueEnd < 0 ? this.#keyEnd : this.#valueEnd) - keyStart;
  }
}

/** Appends the records to `into`. */
export function readRecords(cut: BatchCut, into: LogRecord[]): void {
  const { sparse, appendedAt } = cut;
  const bytes = Buffer.from(cut.bytes.buffer, cut.bytes.byteOffset, cut.bytes.length);
  const batch = { bytes, appendedAt };
  let position = 0;
  let offset = cut.offsetFirst;
  for (let left = cut.count; left > 0; left -= 1) {
    let before = 0;
    if (sparse) {
      const skipped = readVarint(bytes, position);
      position += varintBytes(skipped);
      before = readVarint(bytes, position);
      position += varintBytes(before);
      offset += skipped;
    }
    const keyField = readVarint(bytes, position);
    position += varintBytes(keyField);
    const valueField = readVarint(bytes, position);
    position += varintBytes(valueField);
    const keyEnd = keyField === 0 ? position : position + keyField - 1;
    const valueEnd = valueField === 0 ? keyEnd : keyEnd + valueField - 1;
    const place = {
      before,
      keyStart: keyField === 0 ? -1 : position,
      keyEnd,
      valueEnd: valueField === 0 ? -1 : valueEnd,
    };
    into.push(new RecordInBatch(offset, batch, place));
    position = valueEnd;
    offset += 1;
  }
}
