import * as fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf } from "./commit-batches.ts";
import { BATCH_BYTES_MAX, type RecordToAppend } from "./event-log.ts";

const SLAB = new Uint8Array(BATCH_BYTES_MAX);

test("batches hold all records of a topic in order, each within its bound or of a single record", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("scores", "state", "journal"), recordLists()), (byTopic) => {
      const batches = batchesOf(new Map(Object.entries(byTopic)), 3);
      expect(batches.every((batch) => batch.partition === 3)).toBe(true);
      for (const [topic, records] of Object.entries(byTopic)) {
        const own = batches.filter((batch) => batch.topic === topic);
        expect(own.flatMap((batch) => batch.records)).toEqual(records);
        for (const batch of own) {
          expect(batch.records.length).toBeGreaterThan(0);
          expect(batch.records.length === 1 || bytesOf(batch.records) <= BATCH_BYTES_MAX).toBe(true);
        }
        // No more batches than needed: two that follow one another would not fit into one.
        for (const [index, batch] of own.entries()) {
          const next = own[index + 1]?.records[0];
          if (next !== undefined) expect(bytesOf([...batch.records, next])).toBeGreaterThan(BATCH_BYTES_MAX);
        }
      }
      expect(new Set(batches.map((batch) => batch.topic)).size).toBe(Object.keys(byTopic).length);
    }),
  );
});

function recordLists(): fc.Arbitrary<RecordToAppend[]> {
  const size = fc.oneof(fc.integer({ min: 0, max: 400_000 }), fc.constant(BATCH_BYTES_MAX), fc.constant(450_000));
  const record = fc.tuple(fc.option(fc.integer({ min: 0, max: 100 })), fc.option(size)).map(([key, value]) => ({
    key: key === null ? null : SLAB.subarray(0, key),
    value: value === null ? null : SLAB.subarray(0, value),
  }));
  return fc.array(record, { minLength: 1, maxLength: 12 });
}

function bytesOf(records: readonly RecordToAppend[]): number {
  return records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
}
