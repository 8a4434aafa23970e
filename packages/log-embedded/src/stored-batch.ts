import { crc32 } from "node:zlib";
import type { LogRecord } from "@tidemark/streams";
import { assert, VersionTooNew } from "@tidemark/streams";
import { recordBytes, writeRecord } from "./record-fields.ts";
import { varintBytes, writeVarint } from "./varint.ts";

/**
 * One value in Level: the records that one group commit wrote to one partition, or what compaction left of several.
 *
 *   0  u32  CRC-32 of the header from here on and, after it, of the CRC-32 of the records
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
 * of a partition follow one another without a gap, and a lost one shows. Whoever appends records leaves room for the header before
 * them and takes their checksum: large ones become a batch where they lie. Version 1 had one CRC-32 over all that comes after it.
 */
export interface StoredBatch {
  readonly offsetFirst: number;
  readonly offsetLast: number;
  readonly appendedAt: number;
  readonly count: number;
  /** As stored; records are views of it. */
  readonly bytes: Buffer;
}

const VERSION = 2;
const SPARSE = 1;
/** Where the records begin. */
export const HEADER_BYTES = 28;
const CRC_BYTES = 4;
const U48_MAX = 2 ** 48 - 1;

/** Whether records carry their own offset and time. */
export function isSparse({ bytes }: StoredBatch): boolean {
  return bytes[5] === SPARSE;
}

/** Records of a batch that is not sparse, as they lie in it, behind {@link HEADER_BYTES} for its header. */
export interface FramedRecords {
  readonly count: number;
  readonly framed: Uint8Array;
  /** CRC-32 of the records. */
  readonly checksum: number;
}

/**
 * Fewer are copied rather than kept: they lie among the small pieces of memory of the thread that made them, and kept for long they keep what is
 * around them from going back to the system. What is as large has memory of its own (`MALLOC_MMAP_THRESHOLD_`).
 */
const IN_PLACE_BYTES_MIN = 65_536;

/**
 * A batch of records as appended: consecutive offsets, one append time. The bytes are given away: it is made of them, or they are copied and
 * freed at once. Left to the collector, so much memory beside the heap makes it collect all of the heap several times a second.
 */
export function joinBatch(offsetFirst: number, appendedAt: number, parts: readonly FramedRecords[]): StoredBatch {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const header = { offsetFirst, offsetLast: offsetFirst + count - 1, appendedAt, count };
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only !== undefined && only.framed.length >= IN_PLACE_BYTES_MIN) {
    const { buffer, byteOffset, length } = only.framed;
    return sealed(Buffer.from(buffer, byteOffset, length), 0, header, only.checksum);
  }
  const buffer = Buffer.allocUnsafeSlow(
    parts.reduce((sum, { framed }) => sum + framed.length - HEADER_BYTES, HEADER_BYTES),
  );
  let position = HEADER_BYTES;
  for (const { framed } of parts) {
    buffer.set(framed.subarray(HEADER_BYTES), position);
    position += framed.length - HEADER_BYTES;
    if (framed.buffer instanceof ArrayBuffer) framed.buffer.transfer(0);
  }
  return sealed(buffer, 0, header, only?.checksum ?? recordsChecksum(buffer));
}

/**
 * Gives back the memory of a batch that is written and that nobody has read: of a group that is larger than the tail most are. For the reason that
 * {@link joinBatch} has.
 */
export function freeBatch({ bytes: { buffer } }: StoredBatch): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
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
    position = writeRecord(buffer, position, record);
    offsetNext = record.offset + 1;
  }
  return sealed(buffer, SPARSE, { ...range, count: records.length }, recordsChecksum(buffer));
}

/**
 * Reads what Level returned.
 * @returns null if the bytes are not those of a whole batch; @throws VersionTooNew
 */
export function openBatch(bytes: Buffer): StoredBatch | null {
  if (bytes.length < HEADER_BYTES) return null;
  const version = bytes[4] as number;
  const checksum = version === 1 ? crc32(bytes.subarray(CRC_BYTES)) : checksumOf(bytes, recordsChecksum(bytes));
  if (bytes.readUInt32LE(0) !== checksum) return null;
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

function sealed(buffer: Buffer, flags: number, header: Omit<StoredBatch, "bytes">, ofRecords: number): StoredBatch {
  assert(header.offsetLast <= U48_MAX && header.appendedAt <= U48_MAX, "offsets and times stay below 2^48");
  buffer[4] = VERSION;
  buffer[5] = flags;
  buffer.writeUIntLE(header.offsetFirst, 6, 6);
  buffer.writeUIntLE(header.offsetLast, 12, 6);
  buffer.writeUIntLE(header.appendedAt, 18, 6);
  buffer.writeUInt32LE(header.count, 24);
  buffer.writeUInt32LE(checksumOf(buffer, ofRecords), 0);
  return { ...header, bytes: buffer };
}

function recordsChecksum(batch: Buffer): number {
  return crc32(batch.subarray(HEADER_BYTES));
}

/** @param ofRecords their CRC-32 */
function checksumOf(batch: Buffer, ofRecords: number): number {
  CHECKSUM.writeUInt32LE(ofRecords);
  return crc32(CHECKSUM, crc32(batch.subarray(CRC_BYTES, HEADER_BYTES)));
}

/** What a checksum is written to for its own. */
const CHECKSUM = Buffer.alloc(CRC_BYTES);
