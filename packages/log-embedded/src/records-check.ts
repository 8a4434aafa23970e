import { assert, BATCH_BYTES_MAX, type PartitionBatch } from "@tidemark/streams";
import type { CallPart } from "./group.ts";
import { KEY_BYTES_MAX } from "./limits.ts";
import { partitionOf, type LogState } from "./log-state.ts";
import { recordBytes } from "./stored-batch.ts";

/**
 * What an append or commit needs to know of its batches. They are the caller's to keep within bounds: a record from
 * outside that is too large was to be refused long before.
 * @throws TopicMismatch, InvariantBroken
 */
export function measured(
  state: LogState,
  batches: readonly PartitionBatch[],
): { readonly parts: readonly CallPart[]; readonly bytes: number } {
  assert(batches.length > 0, "an append has batches");
  let bytesOfAll = 0;
  const parts = batches.map(({ topic, partition, records }) => {
    partitionOf(state, topic, partition);
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
    bytesOfAll += bytes;
    return { topic, partition, records, bytes };
  });
  return { parts, bytes: bytesOfAll };
}
