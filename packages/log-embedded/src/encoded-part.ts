import { crc32 } from "node:zlib";
import {
  assert,
  BATCH_BYTES_MAX,
  contentBytes,
  keyBytes,
  type PartitionBatch,
  type RecordToAppend,
} from "@tidemark/streams";
import { KEY_BYTES_MAX } from "./limits.ts";
import { recordBytes, writeRecord } from "./record-fields.ts";
import { type FramedRecords, HEADER_BYTES } from "./stored-batch.ts";

/** What one append or commit writes to one partition of one topic. */
export interface EncodedPart extends FramedRecords {
  readonly topic: string;
  readonly partition: number;
}

/**
 * The parts of one append or commit, each on a buffer of its own, which goes to the log: to another thread, and into its cache. Batches are
 * the caller's to keep within bounds: a record from outside that is too large was to be refused long before.
 * @throws InvariantBroken
 */
export function encodeParts(batches: readonly PartitionBatch[]): readonly EncodedPart[] {
  assert(batches.length > 0, "an append has batches");
  return batches.map(({ topic, partition, records }) => {
    const framed = Buffer.allocUnsafeSlow(HEADER_BYTES + checkedBytes(records));
    let end = HEADER_BYTES;
    for (const record of records) end = writeRecord(framed, end, record);
    assert(end === framed.length, "records are as long as computed");
    return { topic, partition, count: records.length, framed, checksum: crc32(framed.subarray(HEADER_BYTES)) };
  });
}

function checkedBytes(records: readonly RecordToAppend[]): number {
  assert(records.length > 0, "a batch has records");
  let bytes = 0;
  let content = 0;
  for (const record of records) {
    assert(keyBytes(record.key) <= KEY_BYTES_MAX, "a key has at most 1,024 bytes");
    content += contentBytes(record);
    bytes += recordBytes(record);
  }
  assert(content <= BATCH_BYTES_MAX, "keys and values of a batch have at most 900,000 bytes");
  return bytes;
}
