import { crc32c } from "@node-rs/crc32";
import { LogCorrupted, type LogRecord } from "@tidemark/streams";
import { decompress } from "./batch-codec.ts";
import { BATCH_AT, BATCH_ATTRIBUTE, BATCH_CODEC, BATCH_MAGIC, BATCH_PREFIX_BYTES } from "./batch-layout.ts";
import { BatchRefused } from "./batch-refused.ts";
import { type BatchOfRecords, readRecords } from "./record-in-batch.ts";

/** A record batch in the record set of a fetch, its checksum verified; data are not decoded yet. */
export interface RecordBatch extends BatchOfRecords {
  readonly producerId: bigint;
  readonly transactional: boolean;
  /** What a control batch says: its record is no data. null: a batch of data. */
  readonly control: "abort" | "commit" | "other" | null;
  /** As stored: a view of the record set. */
  readonly bytes: Buffer;
}

/** A control record's key: i16 version, i16 type. */
const CONTROL_TYPE_AT = 2;
const CONTROL_KEY_BYTES = 4;
const CONTROL_TYPES = ["abort", "commit"] as const;

/**
 * The batch at `position` of a record set. Its offsets and length are not under its checksum; whoever knows what
 * comes before it checks that they follow.
 * @param place topic and partition, for messages
 * @returns null where only a part of it is there
 * @throws LogCorrupted, BatchRefused
 */
export function readBatch(recordSet: Buffer, position: number, place: string): RecordBatch | null {
  const whole = wholeBatch(recordSet, position, place);
  if (whole === null) return null;
  const bytes = whole;
  const baseOffset = readInt64(bytes, BATCH_AT.baseOffset);
  const here = `${place} at offset ${baseOffset}`;
  if (bytes.readUInt32BE(BATCH_AT.crc) !== crc32c(bytes.subarray(BATCH_AT.attributes))) {
    throw new LogCorrupted(`${here}: a batch does not match its checksum`);
  }
  const attributes = bytes.readInt16BE(BATCH_AT.attributes);
  const lastOffsetDelta = bytes.readInt32BE(BATCH_AT.lastOffsetDelta);
  const lastOffset = baseOffset + lastOffsetDelta;
  const count = bytes.readInt32BE(BATCH_AT.count);
  if (!(baseOffset >= 0 && Number.isSafeInteger(lastOffset) && lastOffsetDelta >= 0 && count >= 0)) {
    throw new LogCorrupted(`${here}: a batch of ${count} records has its last at offset ${lastOffset}`);
  }
  const batch = {
    baseOffset,
    lastOffset,
    baseTimestamp: readInt64(bytes, BATCH_AT.baseTimestamp),
    logAppendTime: (attributes & BATCH_ATTRIBUTE.logAppendTime) === 0 ? null : readInt64(bytes, BATCH_AT.maxTimestamp),
    count,
    place: here,
    producerId: bytes.readBigInt64BE(BATCH_AT.producerId),
    transactional: (attributes & BATCH_ATTRIBUTE.transactional) !== 0,
    bytes,
  };
  return { ...batch, control: (attributes & BATCH_ATTRIBUTE.control) === 0 ? null : controlOf(batch) };
}

/**
 * The records of a batch, none where compaction took them all. They are views of a buffer that only this batch has
 * (a small one shares a slab of Node's pool), so who keeps a record keeps no more than its batch in memory.
 * @throws LogCorrupted, BatchRefused
 */
export async function decodeRecords(batch: RecordBatch): Promise<readonly LogRecord[]> {
  const stored = batch.bytes.subarray(BATCH_AT.records);
  const codec = batch.bytes.readInt16BE(BATCH_AT.attributes) & BATCH_ATTRIBUTE.codecMask;
  // Where no record is left there is nothing compressed either.
  if (batch.count === 0) return [];
  if (codec === BATCH_CODEC.none) return readRecords(batch, Buffer.from(stored));
  return readRecords(batch, await decompress(codec, stored, batch.place));
}

function wholeBatch(recordSet: Buffer, position: number, place: string): Buffer | null {
  const left = recordSet.length - position;
  if (left > BATCH_AT.magic) {
    const magic = recordSet.readInt8(position + BATCH_AT.magic);
    if (magic !== BATCH_MAGIC) {
      throw new BatchRefused(
        `${place}: a batch of format ${magic}; format ${BATCH_MAGIC} is read (Kafka 0.11 and later)`,
      );
    }
  }
  if (left < BATCH_PREFIX_BYTES) return null;
  const bytes = BATCH_PREFIX_BYTES + recordSet.readInt32BE(position + BATCH_AT.length);
  if (bytes < BATCH_AT.records) throw new LogCorrupted(`${place}: a batch of ${bytes} bytes, less than its header`);
  return bytes > left ? null : recordSet.subarray(position, position + bytes);
}

/** Control batches are not compressed. */
function controlOf(batch: BatchOfRecords & { readonly bytes: Buffer }): "abort" | "commit" | "other" {
  const [record] = readRecords(batch, batch.bytes.subarray(BATCH_AT.records));
  const key = record?.key ?? null;
  if (key === null || key.length < CONTROL_KEY_BYTES) return "other";
  return CONTROL_TYPES[Buffer.from(key).readInt16BE(CONTROL_TYPE_AT)] ?? "other";
}

/** Exact up to 2^53. */
function readInt64(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * 2 ** 32 + bytes.readUInt32BE(position + 4);
}
