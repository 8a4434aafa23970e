import { LogCorrupted, type LogRecord } from "@tidemark/streams";
import { ZigzagReader } from "./zigzag.ts";

/** What the records of one batch have in common. */
export interface BatchOfRecords {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** ms since the epoch. */
  readonly baseTimestamp: number;
  /** The time of every record, ms since the epoch; null where each has its own. */
  readonly logAppendTime: number | null;
  readonly count: number;
  /** For messages. */
  readonly place: string;
}

/**
 * A record as it lies in its batch. Key and value are Buffers, views without a copy, and made when asked for: a view
 * takes as much memory as a small record, and many records wait for their turn.
 */
class RecordInBatch implements LogRecord {
  readonly #batch: BatchOfRecords;
  readonly #records: Buffer;
  readonly #offsetDelta: number;
  readonly #timestampDelta: number;
  readonly #keyStart: number;
  /** −1 = null. */
  readonly #keyBytes: number;
  readonly #valueStart: number;
  /** −1 = null. */
  readonly #valueBytes: number;

  constructor(batch: BatchOfRecords, records: Buffer, reader: ZigzagReader) {
    this.#batch = batch;
    this.#records = records;
    this.#timestampDelta = reader.read();
    this.#offsetDelta = reader.read();
    this.#keyBytes = reader.read();
    this.#keyStart = reader.position;
    if (this.#keyBytes > 0) reader.position += this.#keyBytes;
    this.#valueBytes = reader.read();
    this.#valueStart = reader.position;
    if (this.#valueBytes > 0) reader.position += this.#valueBytes;
  }

  get offset(): number {
    return this.#batch.baseOffset + this.#offsetDelta;
  }

  get appendedAt(): number {
    return this.#batch.logAppendTime ?? this.#batch.baseTimestamp + this.#timestampDelta;
  }

  get key(): Uint8Array | null {
    return this.#keyBytes < 0 ? null : this.#records.subarray(this.#keyStart, this.#keyStart + this.#keyBytes);
  }

  get value(): Uint8Array | null {
    return this.#valueBytes < 0 ? null : this.#records.subarray(this.#valueStart, this.#valueStart + this.#valueBytes);
  }

  get bytes(): number {
    return Math.max(this.#keyBytes, 0) + Math.max(this.#valueBytes, 0);
  }

  /** Whether the lengths that were read make sense; NaN does not. */
  get sane(): boolean {
    return this.#keyBytes >= -1 && this.#valueBytes >= -1;
  }
}

/**
 * @param records of the batch, decompressed; the records are views of it
 * @throws LogCorrupted where they contradict the batch or each other
 */
export function readRecords(batch: BatchOfRecords, records: Buffer): readonly LogRecord[] {
  const reader = new ZigzagReader(records, 0);
  const read: LogRecord[] = [];
  let offsetNext = batch.baseOffset;
  for (let left = batch.count; left > 0; left -= 1) {
    const bytes = reader.read();
    const end = reader.position + bytes;
    // Without a use so far: the record's attributes.
    reader.position += 1;
    const record = new RecordInBatch(batch, records, reader);
    const { offset } = record;
    // What is between the value and the end is the headers, which nobody asks for.
    const placed = offset >= offsetNext && offset <= batch.lastOffset;
    if (!(reader.position < end && record.sane && placed)) throw broken(batch);
    read.push(record);
    offsetNext = offset + 1;
    reader.position = end;
  }
  if (reader.position !== records.length) throw broken(batch);
  return read;
}

function broken({ place }: BatchOfRecords): LogCorrupted {
  return new LogCorrupted(`${place}: the checksum is right, but the records contradict their batch`);
}
