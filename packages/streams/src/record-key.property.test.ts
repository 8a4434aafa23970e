import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keyBytes, type RecordKey, writeKey } from "./record-key.ts";

const ROOM = 2_000;
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  textOf(0x7d, 0x82),
  // Halves of pairs too, which UTF-8 has no form of.
  textOf(0, 0xff_ff),
);
const keys: fc.Arbitrary<RecordKey> = fc.oneof(text, fc.uint8Array({ maxLength: 40 }), fc.constant(null));

test("a key is written as its bytes, or as UTF-8, and takes as much as is said", () => {
  fc.assert(
    fc.property(keys, fc.nat(20), (key, position) => {
      const expected = Buffer.from(key ?? "");
      const target = Buffer.alloc(ROOM, 0xee);
      expect(keyBytes(key)).toBe(expected.length);
      const end = writeKey(target, position, key);
      expect(end).toBe(position + expected.length);
      expect(target.subarray(position, end).equals(expected)).toBe(true);
      const around = [...target.subarray(0, position), ...target.subarray(end)];
      expect(around.every((byte) => byte === 0xee)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

function textOf(min: number, max: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.integer({ min, max }).map((unit) => String.fromCharCode(unit)), maxLength: 40 });
}
