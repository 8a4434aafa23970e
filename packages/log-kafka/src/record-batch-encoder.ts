import type { RecordToAppend } from "@tidemark/streams";

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

/** One batch, magic 2. Asserts 1 or more records, at most BATCH_BYTES_MAX of keys and values, at most {@link ENCODED_BYTES_MAX} encoded: see {@link cutForBroker}. */
export function encodeRecordBatch(_records: readonly RecordToAppend[], _options: EncodeOptions): Promise<EncodedBatch> {
  throw new Error("not written yet");
}

/** The records in runs of which each fits a batch: one run, but where very many are very small. */
export function cutForBroker(_records: readonly RecordToAppend[]): readonly (readonly RecordToAppend[])[] {
  throw new Error("not written yet");
}

/** The sequence of the record that follows `count` records from `sequenceFirst` on; wraps from 2^31 − 1 to 0. */
export function sequenceAfter(_sequenceFirst: number, _count: number): number {
  throw new Error("not written yet");
}
