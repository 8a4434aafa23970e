import type { RecordToAppend } from "@tidemark/streams";
import { BATCH_AT } from "./batch-layout.ts";
import { encodedRecordBytes } from "./encoded-record.ts";
import { ENCODED_BYTES_MAX } from "./record-batch-encoder.ts";

/**
 * The records in runs that each fit one batch: one run, but where the bound on keys and values lets through so many
 * small records (10,000 and more) that what Kafka adds to each, 7 to 15 bytes, exceeds what a broker takes. A Produce
 * request takes one batch a partition, so the runs go one after another.
 */
export function cutForBroker(records: readonly RecordToAppend[]): readonly (readonly RecordToAppend[])[] {
  const runs: (readonly RecordToAppend[])[] = [];
  let start = 0;
  let bytes: number = BATCH_AT.records;
  for (const [index, record] of records.entries()) {
    const more = encodedRecordBytes(record, index - start);
    if (bytes + more > ENCODED_BYTES_MAX) {
      runs.push(records.slice(start, index));
      start = index;
      bytes = BATCH_AT.records;
    }
    bytes += more;
  }
  runs.push(start === 0 ? records : records.slice(start));
  return runs;
}
