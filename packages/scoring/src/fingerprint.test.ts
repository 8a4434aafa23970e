import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprintOf, murmur3 } from "./fingerprint.ts";

/** Published vectors of MurmurHash3_x86_32, those of an even number of bytes. */
test.each([
  ["", 0, 0x00000000],
  ["", 1, 0x514e28b7],
  ["", 0xffffffff, 0x81f16f39],
  ["\uffff\uffff", 0, 0x76293b50],
  ["\u4321\u8765", 0, 0xf55b516b],
  ["\u4321\u8765", 0x5082edee, 0x2362f9de],
  ["\u4321", 0, 0xa0f7b07a],
  ["\u0000", 0, 0x30f4c306],
])("%j with seed %d hashes as published", (text, seed, hash) => {
  expect(murmur3(text, seed) >>> 0).toBe(hash);
});

test("a fingerprint is the hash under both seeds", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.uuid()), (id) => {
      expect(fingerprintOf(id)).toEqual({ low: murmur3(id, 0x2545f491), high: murmur3(id, 0x6c62272e) });
    }),
  );
});

test("300,000 ids that differ in a digit have 300,000 fingerprints", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 300_000; i++) {
    const { low, high } = fingerprintOf(`order-${i}`);
    seen.add(`${low} ${high}`);
  }
  expect(seen.size).toBe(300_000);
});
