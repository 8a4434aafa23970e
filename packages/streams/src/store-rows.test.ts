import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StateCorrupted } from "./errors.ts";
import {
  CHECKPOINT_ROW,
  COUNTED_ROWS,
  nameDigest,
  rowDigest,
  parseTimerRow,
  seal,
  sealAll,
  STATE_ROWS,
  stateRow,
  TIMER_ROWS,
  timerRow,
  unseal,
} from "./store-rows.ts";
import { compareKeys } from "./tick.ts";

const dues = fc.maxSafeNat();
const checksums = fc.nat({ max: 2 ** 32 - 1 });
const digits = fc.nat({ max: 9 });
const keys = fc.string({ unit: "grapheme" });

test("a timer comes back from its row", () => {
  fc.assert(
    fc.property(dues, keys, (due, key) => {
      expect(parseTimerRow(timerRow(due, key))).toEqual({ due, key });
    }),
  );
});

test("rows of timers lie in the order (due, key)", () => {
  const timers = fc.record({ due: dues, key: keys });
  fc.assert(
    fc.property(timers, timers, (a, b) => {
      const expected = Math.sign(a.due - b.due || compareKeys(a.key, b.key));
      expect(Math.sign(compareKeys(timerRow(a.due, a.key), timerRow(b.due, b.key)))).toBe(expected);
    }),
  );
});

test("rows lie in their ranges, states and timers are counted, the checkpoint is not", () => {
  const within = (row: string, { from, to }: { from: string; to: string }): boolean =>
    compareKeys(from, row) <= 0 && compareKeys(row, to) < 0;
  fc.assert(
    fc.property(dues, keys, (due, key) => {
      const ranges = [STATE_ROWS, TIMER_ROWS, COUNTED_ROWS];
      expect(ranges.map((range) => within(stateRow(key), range))).toEqual([true, false, true]);
      expect(ranges.map((range) => within(timerRow(due, key), range))).toEqual([false, true, true]);
      expect(ranges.map((range) => within(CHECKPOINT_ROW, range))).toEqual([false, false, false]);
    }),
  );
});

test("what was sealed comes back, and any flipped bit or lost byte is seen", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(), (bytes, position, length) => {
      const sealed = seal(bytes);
      expect([...unseal(sealed)]).toEqual([...bytes]);
      const flipped = Buffer.from(sealed);
      const bit = position % (sealed.length * 8);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unseal(flipped)).toThrow(StateCorrupted);
      const cut = sealed.subarray(0, length % sealed.length);
      // Cut to the checksum of nothing it would be a state of no bytes; no application encodes to that.
      if (cut.length !== 4 || bytes.length === 0) expect(() => unseal(cut)).toThrow(StateCorrupted);
    }),
  );
});

test("many sealed together are what each is sealed alone", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 60 }))), (contents) => {
      const alone = contents.map((bytes) => (bytes === null ? null : [...seal(bytes)]));
      expect(sealAll(contents).map((sealed) => (sealed === null ? null : [...sealed]))).toEqual(alone);
    }),
  );
});

test("rows of other names or contents have other digests", () => {
  const differs = (a: number, b: number): void => {
    expect(a === b).toBe(false);
  };
  fc.assert(
    fc.property(keys, fc.uniqueArray(digits, { minLength: 2, maxLength: 2 }), checksums, (key, ends, checksum) => {
      const [a, b] = ends.map((end) => nameDigest(`${key}${end}`));
      differs(rowDigest(a ?? 0, checksum), rowDigest(b ?? 0, checksum));
      differs(rowDigest(a ?? 0, checksum), rowDigest(a ?? 0, (checksum + 1) >>> 0));
    }),
  );
});

test("rows that have changed places have another digest together", () => {
  fc.assert(
    fc.property(keys, keys, checksums, checksums, (a, b, one, other) => {
      fc.pre(a !== b && one !== other);
      const [x, y] = [nameDigest(a), nameDigest(b)];
      expect((rowDigest(x, one) ^ rowDigest(y, other)) === (rowDigest(x, other) ^ rowDigest(y, one))).toBe(false);
    }),
    { examples: [["a", "b", 1, 1 + 2 ** 31]] },
  );
});
