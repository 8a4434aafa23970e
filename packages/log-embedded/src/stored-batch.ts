import { crc32 } from "node:zlib";
import type { LogRecord, RecordToAppend } from "@tidemark/streams";
import { assert, VersionTooNew } from "@tidemark/streams";
import { readVarint, varintBytes, writeVarint } from "./varint.ts";

/**
 * One value in Level: the records that one group commit wrote to one partition, or what compaction left of several.
 *
 *   0  u32  CRC-32 of everything after it
 *   4  u8   version of this layout
 *   5  u8   1 = sparse: records carry their own offset and time
 *   6  u48  first offset the batch answers for
 *  12  u48  last offset the batch answers for
 *  18  u48  append time of its newest record, ms since the epoch
 *  24  u32  number of records
 *  28       records: [sparse: offset − the one before − 1, ms before the newest,] key bytes + 1 (0 = null),
 *           value bytes + 1 (0 = null), key, value; integers are varints, the others little-endian
 *
 * A batch answers for every offset from first to last: those without a record were compacted away. So the batches
 * of a partition follow one another without a gap, and a lost one shows.
 */
export interface StoredBatch {
  readonly offsetFirst: number;
  readonly offsetLast: number;
  readonly appendedAt: number;
  readonly count: number;
  /** As stored; records are views of it. */
  readonly bytes: Buffer;
}

const VERSION = 1;
const SPARSE = 1;
const HEADER_BYTES = 28;
const CRC_BYTES = 4;
const U48_MAX = 2 ** 48 - 1;

/** Bytes that a record takes in a batch that is not sparse. */
export function recordBytes(record: RecordToAppend): number {
  return fieldBytes(record.key) + fieldBytes(record.value);
}

/**
 * A batch of records as appended: consecutive offsets, one append time.
 * @param bytes sum of {@link recordBytes}
 */
export function encodeBatch(
  offsetFirst: number,
  appendedAt: number,
  parts: readonly (readonly RecordToAppend[])[],
  bytes: number,
): StoredBatch {
  const buffer = Buffer.allocUnsafeSlow(HEADER_BYTES + bytes);
  let position = HEADER_BYTES;
  let count = 0;
  for (const records of parts) {
    count += records.length;
    for (const record of records) position = writeFields(buffer, position, record);
  }
  assert(position === buffer.length, "a batch is as long as computed");
  return sealed(buffer, 0, { offsetFirst, offsetLast: offsetFirst + count - 1, appendedAt, count });
}

/** A batch of what compaction kept: offsets and times as they were. `records` may be empty. */
export function encodeSparseBatch(
  range: { readonly offsetFirst: number; readonly offsetLast: number; readonly appendedAt: number },
  records: readonly LogRecord[],
): StoredBatch {
  let bytes = HEADER_BYTES;
  let offsetNext = range.offsetFirst;
  for (const record of records) {
    bytes += varintBytes(record.offset - offsetNext) + varintBytes(range.appendedAt - record.appendedAt);
    bytes += recordBytes(record);
    offsetNext = record.offset + 1;
  }
  assert(offsetNext <= range.offsetLast + 1, "a batch answers for the offsets of its records");
  const buffer = Buffer.allocUnsafeSlow(bytes);
  let position = HEADER_BYTES;
  offsetNext = range.offsetFirst;
  for (const record of records) {
    position = writeVarint(buffer, position, record.offset - offsetNext);
    position = writeVarint(buffer, position, range.appendedAt - record.appendedAt);
    position = writeFields(buffer, position, record);
    offsetNext = record.offset + 1;
  }
  return sealed(buffer, SPARSE, { ...range, count: records.length });
}

/**
 * Reads what Level returned.
 * @returns null if the bytes are not those of a whole batch; @throws VersionTooNew
 */
export function openBatch(bytes: Buffer): StoredBatch | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== crc32(bytes.subarray(CRC_BYTES))) return null;
  const version = bytes[4] as number;
  if (version > VERSION) {
    throw new VersionTooNew(`the log holds batches of format ${version}, this code reads up to ${VERSION}: upgrade`);
  }
  return {
    offsetFirst: bytes.readUIntLE(6, 6),
    offsetLast: bytes.readUIntLE(12, 6),
    appendedAt: bytes.readUIntLE(18, 6),
    count: bytes.readUInt32LE(24),
    bytes,
  };
}

/** How far {@link readRecords} came. */
export interface BatchRead {
  /** Keys and values of the records read. */
  readonly bytes: number;
  /** After the last record read, or after the batch if all were. */
  readonly offsetNext: number;
}

/**
 * Appends the records at offsets ≥ `offset` to `into`, as views without a copy, while their keys and values stay
 * within `bytesMax`; the first record of `into` is taken whatever its size.
 */
export function readRecords(batch: StoredBatch, offset: number, bytesMax: number, into: LogRecord[]): BatchRead {
  const { bytes, appendedAt: newest } = batch;
  const sparse = bytes[5] === SPARSE;
  let position = HEADER_BYTES;
  let offsetNext = batch.offsetFirst;
  let appendedAt = newest;
  let taken = 0;
  for (let left = batch.count; left > 0; left -= 1) {
    if (sparse) {
      const skipped = readVarint(bytes, position);
      position += varintBytes(skipped);
      const before = readVarint(bytes, position);
      position += varintBytes(before);
      offsetNext += skipped;
      appendedAt = newest - before;
    }
    const keyField = readVarint(bytes, position);
    position += varintBytes(keyField);
    const valueField = readVarint(bytes, position);
    position += varintBytes(valueField);
    const keyEnd = keyField === 0 ? position : position + keyField - 1;
    const valueEnd = valueField === 0 ? keyEnd : keyEnd + valueField - 1;
    if (offsetNext >= offset) {
      if (taken + valueEnd - position > bytesMax && into.length > 0) return { bytes: taken, offsetNext };
      taken += valueEnd - position;
      into.push({
        offset: offsetNext,
        appendedAt,
        key: keyField === 0 ? null : bytes.subarray(position, keyEnd),
        value: valueField === 0 ? null : bytes.subarray(keyEnd, valueEnd),
      });
    }
    position = valueEnd;
    offsetNext += 1;
  }
  return { bytes: taken, offsetNext: batch.offsetLast + 1 };
}

function fieldBytes(field: Uint8Array | null): number {
  return field === null ? 1 : varintBytes(field.length + 1) + field.length;
}

function writeFields(buffer: Buffer, position: number, { key, value }: RecordToAppend): number {
  position = writeVarint(buffer, position, key === null ? 0 : key.length + 1);
  position = writeVarint(buffer, position, value === null ? 0 : value.length + 1);
  if (key !== null) {
    buffer.set(key, position);
    position += key.length;
  }
  if (value !== null) {
    buffer.set(value, position);
    position += value.length;
  }
  return position;
}

function sealed(buffer: Buffer, flags: number, header: Omit<StoredBatch, "bytes">): StoredBatch {
  assert(header.offsetLast <= U48_MAX && header.appendedAt <= U48_MAX, "offsets and times stay below 2^48");
  buffer[4] = VERSION;
  buffer[5] = flags;
  buffer.writeUIntLE(header.offsetFirst, 6, 6);
  buffer.writeUIntLE(header.offsetLast, 12, 6);
  buffer.writeUIntLE(header.appendedAt, 18, 6);
  buffer.writeUInt32LE(header.count, 24);
  buffer.writeUInt32LE(crc32(buffer.subarray(CRC_BYTES)), 0);
  return { ...header, bytes: buffer };
}
