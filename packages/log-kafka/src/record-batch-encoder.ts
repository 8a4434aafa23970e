import { crc32c } from "@node-rs/crc32";
import { assert, BATCH_BYTES_MAX, contentBytes, type RecordToAppend } from "@tidemark/streams";
import { compressZstd } from "./batch-codec.ts";
import { BATCH_AT, BATCH_ATTRIBUTE, BATCH_CODEC, BATCH_MAGIC, BATCH_PREFIX_BYTES } from "./batch-layout.ts";
import { encodedRecordBytes, writeRecord } from "./encoded-record.ts";

export type BatchCodec = "none" | "zstd";

/** Who appends, so that the broker refuses a stale writer and drops a repeated batch. */
export interface BatchProducer {
  readonly id: bigint;
  readonly epoch: number;
  /** Of the first record, 0 to 2^31 − 1; {@link sequenceAfter} gives the next one. */
  readonly sequenceFirst: number;
  readonly transactional: boolean;
}

export interface EncodeOptions {
  /** null: neither idempotent nor transactional. */
  readonly producer: BatchProducer | null;
  /** Create time of all records, ms since the epoch; a topic with LogAppendTime puts its own in its place. */
  readonly createdAt: number;
  /** A batch that is small, or that does not shrink, stays uncompressed. */
  readonly codec: BatchCodec;
}

/** A record batch as it goes over the wire and lies on the broker's disk. */
export interface EncodedBatch {
  readonly count: number;
  readonly bytes: Buffer;
}

/** Kafka's default message.max.bytes: the broker takes no larger batch. */
export const ENCODED_BYTES_MAX = 1_048_588;
/** Below this, the work of compressing and the hop to another thread cost more than the bytes. */
const COMPRESS_BYTES_MIN = 1_024;

const SEQUENCE_MAX = 2 ** 31 - 1;

/**
 * The records as one batch of magic 2. Asserts that there is one, and that they keep to BATCH_BYTES_MAX of keys and
 * values and to {@link ENCODED_BYTES_MAX} encoded (before compression): see `cutForBroker`.
 */
export async function encodeRecordBatch(
  records: readonly RecordToAppend[],
  options: EncodeOptions,
): Promise<EncodedBatch> {
  const plain = plainBatch(records, options);
  if (options.codec === "none" || plain.length < COMPRESS_BYTES_MIN) return sealed(records.length, plain);
  const packed = await compressZstd(plain.subarray(BATCH_AT.records));
  if (BATCH_AT.records + packed.length >= plain.length) return sealed(records.length, plain);
  const bytes = Buffer.allocUnsafe(BATCH_AT.records + packed.length);
  plain.copy(bytes, 0, 0, BATCH_AT.records);
  packed.copy(bytes, BATCH_AT.records);
  bytes.writeInt16BE(bytes.readInt16BE(BATCH_AT.attributes) | BATCH_CODEC.zstd, BATCH_AT.attributes);
  return sealed(records.length, bytes);
}

/** The sequence of the record that follows `count` records from `sequenceFirst` on: after 2^31 − 1 comes 0. */
export function sequenceAfter(sequenceFirst: number, count: number): number {
  return (sequenceFirst + count) % (SEQUENCE_MAX + 1);
}

/** Everything but length and checksum, which depend on the codec. */
function plainBatch(records: readonly RecordToAppend[], { producer, createdAt }: EncodeOptions): Buffer {
  const bytes = Buffer.allocUnsafe(boundedBytes(records));
  bytes.writeBigInt64BE(0n, BATCH_AT.baseOffset);
  bytes.writeInt32BE(-1, BATCH_AT.leaderEpoch);
  bytes.writeInt8(BATCH_MAGIC, BATCH_AT.magic);
  bytes.writeInt16BE(producer?.transactional === true ? BATCH_ATTRIBUTE.transactional : 0, BATCH_AT.attributes);
  bytes.writeInt32BE(records.length - 1, BATCH_AT.lastOffsetDelta);
  bytes.writeBigInt64BE(BigInt(createdAt), BATCH_AT.baseTimestamp);
  bytes.writeBigInt64BE(BigInt(createdAt), BATCH_AT.maxTimestamp);
  bytes.writeBigInt64BE(producer?.id ?? -1n, BATCH_AT.producerId);
  bytes.writeInt16BE(producer?.epoch ?? -1, BATCH_AT.producerEpoch);
  bytes.writeInt32BE(producer?.sequenceFirst ?? -1, BATCH_AT.baseSequence);
  bytes.writeInt32BE(records.length, BATCH_AT.count);
  let position: number = BATCH_AT.records;
  let offsetDelta = 0;
  for (const record of records) position = writeRecord(bytes, position, record, offsetDelta++);
  assert(position === bytes.length, "a record takes the bytes that it was said to take");
  return bytes;
}

function boundedBytes(records: readonly RecordToAppend[]): number {
  let bytes: number = BATCH_AT.records;
  let content = 0;
  let offsetDelta = 0;
  for (const record of records) {
    bytes += encodedRecordBytes(record, offsetDelta++);
    content += contentBytes(record);
  }
  assert(records.length > 0, "a batch to append has a record");
  assert(content <= BATCH_BYTES_MAX, "the keys and values of a batch keep to their bound");
  assert(bytes <= ENCODED_BYTES_MAX, "an encoded batch keeps to what a broker takes");
  return bytes;
}

function sealed(count: number, bytes: Buffer): EncodedBatch {
  bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, BATCH_AT.length);
  bytes.writeUInt32BE(crc32c(bytes.subarray(BATCH_AT.attributes)), BATCH_AT.crc);
  return { count, bytes };
}
