import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { RecordToAppend } from "@tidemark/streams";
import { Codecs } from "kafkajs/src/protocol/message/compression/index.js";
import crc32C from "kafkajs/src/protocol/recordBatch/crc32C/index.js";
import encodeRecord from "kafkajs/src/protocol/recordBatch/record/v0/index.js";
import { RecordBatch } from "kafkajs/src/protocol/recordBatch/v0/index.js";
import { BATCH_AT, BATCH_ATTRIBUTE, BATCH_CODEC } from "./batch-layout.ts";

/** Batches as others write them, for tests: by kafkajs's own encoder, with its own checksum, and then as a broker or its cleaner leaves them. */
export interface ForeignOptions {
  readonly baseOffset?: number;
  readonly codec?: number;
  /** null: none. */
  readonly producerId?: bigint | null;
  readonly transactional?: boolean;
  /** ms since the epoch, of the first record. */
  readonly createdAt?: number;
  /** ms since the epoch; the topic has LogAppendTime. */
  readonly logAppendTime?: number;
  readonly lastOffsetDelta?: number;
}

export interface ForeignRecord extends RecordToAppend {
  readonly offsetDelta?: number;
  /** After the batch's, ms. */
  readonly later?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const CONTROL_VALUE_BYTES = 6;

Codecs[BATCH_CODEC.zstd] = () => ({
  compress: (encoder) => promisify(zstdCompress)(encoder.buffer),
  decompress: (bytes) => promisify(zstdDecompress)(bytes),
});

export async function foreignBatch(records: readonly ForeignRecord[], options: ForeignOptions = {}): Promise<Buffer> {
  const { baseOffset = 0, producerId = 7n, transactional = producerId !== null, createdAt = 1_000 } = options;
  const encoder = await RecordBatch({
    compression: options.codec ?? BATCH_CODEC.none,
    firstOffset: baseOffset,
    firstTimestamp: createdAt,
    maxTimestamp:
      options.logAppendTime ?? records.reduce((most, { later = 0 }) => Math.max(most, createdAt + later), createdAt),
    lastOffsetDelta: options.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? records.length - 1,
    transactional,
    producerId: producerId ?? -1n,
    producerEpoch: 0,
    firstSequence: 0,
    records: records.map(({ key, value, offsetDelta, later = 0, headers = {} }, index) =>
      encodeRecord({
        offsetDelta: offsetDelta ?? index,
        timestampDelta: later,
        key: key === null ? null : Buffer.from(key),
        value: value && Buffer.from(value),
        headers,
      }),
    ),
  });
  const bytes = Buffer.from(encoder.buffer);
  return options.logAppendTime === undefined ? bytes : withAttributes(bytes, BATCH_ATTRIBUTE.logAppendTime);
}

/** The marker that ends a transaction. */
export async function controlBatch(type: number, options: ForeignOptions = {}): Promise<Buffer> {
  const marker = { key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(CONTROL_VALUE_BYTES) };
  return withAttributes(await foreignBatch([marker], options), BATCH_ATTRIBUTE.control);
}

/** Sets bits of the attributes. */
export function withAttributes(batch: Buffer, bits: number): Buffer {
  batch.writeInt16BE(batch.readInt16BE(BATCH_AT.attributes) | bits, BATCH_AT.attributes);
  return resealed(batch);
}

/** Writes the checksum anew after a change. */
export function resealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32C(batch.subarray(BATCH_AT.attributes)) >>> 0, BATCH_AT.crc);
  return batch;
}
