import fc from "fast-check";
import { expect, test } from "vitest";
import { entriesKept, type Entry, EntryCache, PACKED_CHANGES_MIN, storedEntry } from "./entry-cache.ts";

const KEYS = ["a", "b", "c", "d", "e", "f"];

test("it holds, in order, what one list of keys says, whatever is loaded, changed, stored and evicted", () => {
  const step = fc.record({
    what: fc.constantFrom("load", "change", "begin", "end", "evict"),
    key: fc.constantFrom(...KEYS),
    max: fc.nat(KEYS.length),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new EntryCache();
      let order: string[] = [];
      let changed: string[] = [];
      let flushing: readonly string[] = [];
      const load = (key: string): Entry => {
        const found = cache.get(key);
        if (found !== undefined) return found;
        const entry = storedEntry(key, null, null, null);
        cache.add(entry);
        order.push(key);
        return entry;
      };
      for (const { what, key, max } of steps) {
        if (what === "load") load(key);
        if (what === "change") {
          cache.change(load(key));
          order = [...order.filter((other) => other !== key), key];
          if (!changed.includes(key)) changed.push(key);
        }
        if (what === "begin" && flushing.length === 0) {
          expect(cache.beginFlush().map((entry) => entry.key)).toEqual(changed);
          flushing = changed;
          changed = [];
        }
        if (what === "end") {
          cache.endFlush();
          flushing = [];
        }
        if (what === "evict") {
          cache.evict(max);
          for (const oldest of order.slice()) {
            if (order.length <= max) break;
            if (changed.includes(oldest) || flushing.includes(oldest)) continue;
            order = order.filter((other) => other !== oldest);
          }
        }
        expect(KEYS.filter((other) => cache.get(other) !== undefined)).toEqual(order.toSorted());
        expect([cache.size, cache.changedCount]).toEqual([order.length, changed.length]);
      }
    }),
  );
});

test("an entry that was evicted while a turn held it takes the place of one loaded since", () => {
  const cache = new EntryCache();
  const held = storedEntry("a", null, null, null);
  cache.add(held);
  cache.evict(0);
  cache.add(storedEntry("a", null, null, null));
  cache.change(held);
  cache.evict(0);
  expect(cache.get("a")).toBe(held);
});

test("keys that fall silent do not hold the memory that others' bytes were cut from", () => {
  const cache = new EntryCache();
  const length = 100;
  const perChunk = 50;
  let chunk = new Uint8Array(0);
  const changes = 8 * PACKED_CHANGES_MIN;
  for (let change = 0; change < changes; change++) {
    if (change % perChunk === 0) chunk = new Uint8Array(perChunk * length);
    // The first of each chunk is changed this once, all others again and again.
    const key = change % perChunk === 0 ? `silent ${change}` : `busy ${change % perChunk}`;
    const entry = cache.get(key) ?? storedEntry(key, null, null, null);
    const start = (change % perChunk) * length;
    entry.bytes = chunk.subarray(start, start + length).fill(change % 256);
    cache.change(entry);
    if (change % PACKED_CHANGES_MIN === 0) flush(cache);
  }
  flush(cache);

  const held = new Set<ArrayBufferLike>();
  for (let change = 0; change < changes; change += perChunk) {
    const bytes = cache.get(`silent ${change}`)?.bytes ?? null;
    expect([bytes?.length, bytes?.every((byte) => byte === change % 256)]).toEqual([length, true]);
    if (bytes !== null) held.add(bytes.buffer);
  }
  const heldBytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  // What is packed, in a chunk of its own, and what has changed since.
  expect(heldBytes).toBeLessThanOrEqual(256 * 1024 + (PACKED_CHANGES_MIN + perChunk) * length);
});

function flush(cache: EntryCache): void {
  cache.beginFlush();
  cache.endFlush();
  cache.evict(Number.POSITIVE_INFINITY);
}

test("a table that is much larger than the most entries keeps fewer, and never less than the least", () => {
  const bounds = { cachedEntriesMin: 4_000, cachedEntriesMax: 16_000 };
  const kept = [0, 16_000, 32_000, 64_000, 128_000, 1e6].map((states) => entriesKept(bounds, states));
  expect(kept).toEqual([16_000, 16_000, 16_000, 8_000, 4_000, 4_000]);
  expect(entriesKept({ ...bounds, cachedEntriesMax: 2_000 }, 1e6)).toBe(2_000);
});
