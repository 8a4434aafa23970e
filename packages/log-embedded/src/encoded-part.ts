import { assert, BATCH_BYTES_MAX, type PartitionBatch, type RecordToAppend } from "@tidemark/streams";
import { KEY_BYTES_MAX } from "./limits.ts";
import { recordBytes, writeRecord } from "./record-fields.ts";

/** What one append or commit writes to one partition of one topic. */
export interface EncodedPart {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  /** The records as they lie in a batch that is not sparse. */
  readonly bytes: Uint8Array;
}

/**
 * The parts of one append or commit, next to each other in one buffer. Batches are the caller's to keep within
 * bounds: a record from outside that is too large was to be refused long before.
 * @throws InvariantBroken
 */
export function encodeParts(batches: readonly PartitionBatch[]): readonly EncodedPart[] {
  assert(batches.length > 0, "an append has batches");
  const sizes = batches.map(({ records }) => checkedBytes(records));
  const buffer = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
  let end = 0;
  return batches.map(({ topic, partition, records }, index) => {
    const start = end;
    for (const record of records) end = writeRecord(buffer, end, record);
    assert(end - start === sizes[index], "records are as long as computed");
    return { topic, partition, count: records.length, bytes: buffer.subarray(start, end) };
  });
}

function checkedBytes(records: readonly RecordToAppend[]): number {
  assert(records.length > 0, "a batch has records");
  let bytes = 0;
  let content = 0;
  for (const record of records) {
    const keyBytes = record.key?.length ?? 0;
    assert(keyBytes <= KEY_BYTES_MAX, "a key has at most 1,024 bytes");
    content += keyBytes + (record.value?.length ?? 0);
    bytes += recordBytes(record);
  }
  assert(content <= BATCH_BYTES_MAX, "keys and values of a batch have at most 900,000 bytes");
  return bytes;
}
