import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { storedEntry } from "./entry-cache.ts";
import { ENTRIES_MIN, inStoreOrder } from "./store-order.ts";

describe("inStoreOrder", () => {
  it("gives all entries, those that share their first characters in the order of the next four", () => {
    const key = fc.string({ unit: fc.constantFrom("0", "1", "7", "a", "z"), maxLength: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: ENTRIES_MIN, maxLength: 1_200 }), (tails) => {
        const keys = tails.map((tail) => `customer-${tail}`);
        const ordered = keysInStoreOrder(keys);
        expect([...ordered].sort()).toEqual([...keys].sort());
        expect(placesIn(ordered)).toEqual([...placesIn(ordered)].sort());
      }),
      { numRuns: 20 },
    );
  });

  it("is not upset by a few keys of another kind", () => {
    const usual = shuffled(Array.from({ length: 3_000 }, (_, n) => `c${String(n).padStart(6, "0")}`));
    const unusual = ["", "\u0000erased", "a", "c", "c9", "zebra", "Ω", "漢字".repeat(40), "🦊"];
    const ordered = keysInStoreOrder([...unusual, ...usual]);
    expect(new Set(ordered)).toEqual(new Set([...unusual, ...usual]));
    const known = ordered.filter((key) => !unusual.includes(key));
    expect(known).toEqual([...usual].sort());
  });

  it("loses none of many whose characters are no ASCII", () => {
    const unit = (n: number): string => String.fromCharCode(0xf000 + n);
    const keys = Array.from({ length: 100_000 }, (_, n) => unit(n % 0x1000) + unit(Math.floor(n / 0x1000)));
    expect(new Set(keysInStoreOrder(keys)).size).toBe(keys.length);
  });

  it("takes keys of which one is the beginning of another, and equal beginnings longer than it looks at", () => {
    const keys = shuffled(Array.from({ length: ENTRIES_MIN }, (_, n) => "x".repeat(n)));
    expect(new Set(keysInStoreOrder(keys))).toEqual(new Set(keys));
  });

  it("leaves few as they are", () => {
    const keys = shuffled(Array.from({ length: ENTRIES_MIN - 1 }, (_, n) => `c${n}`));
    expect(keysInStoreOrder(keys)).toEqual(keys);
  });
});

function keysInStoreOrder(keys: readonly string[]): string[] {
  return inStoreOrder(keys.map((key) => storedEntry(key, null, null, null))).map(({ key }) => key);
}

function placesIn(keys: readonly string[]): string[] {
  return keys.map((key) => key.slice("customer-".length, "customer-".length + 4));
}

/** In an order that has nothing to do with theirs, the same each time. */
function shuffled(keys: readonly string[]): string[] {
  const step = 1_009;
  expect(keys.length % step).not.toBe(0);
  return keys.map((_, index) => keys[(index * step) % keys.length] as string);
}
