import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BARRIER_KEY, entryKey, JOURNAL_KEY, parseChangelogKey, stateKey } from "./changelog.ts";
import { markerName } from "./marker-name.ts";
import { entryRow } from "./store-rows.ts";

test("any key of a state comes back from the changelog, and is never taken for the journal's or the barrier's", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array({ maxLength: 5 }), (key, before) => {
      const bytes = Buffer.from(stateKey(key));
      expect(parseChangelogKey(bytes)).toEqual({ kind: "state", key });
      // As it lies in the log: a part of a larger buffer.
      const around = Buffer.concat([before, bytes, before]);
      expect(parseChangelogKey(around.subarray(before.length, before.length + bytes.length))).toEqual({
        kind: "state",
        key,
      });
    }),
  );
});

test("the runtime's own keys are known, and others are not", () => {
  expect(parseChangelogKey(JOURNAL_KEY)).toEqual({ kind: "journal" });
  expect(parseChangelogKey(BARRIER_KEY)).toEqual({ kind: "barrier" });
  for (const other of ["", "jj", "bb", "x", "q"]) expect(parseChangelogKey(Buffer.from(other))).toBeNull();
});

test("the marker of an erased key lies apart from every state", () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      expect(parseChangelogKey(Buffer.from(entryKey(markerName(key))))).toEqual({ kind: "marker", key });
      expect(entryRow(markerName(key))).not.toBe(entryRow(key));
    }),
  );
});
