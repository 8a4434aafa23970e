import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type StreamItem, StreamQueue } from "./stream-queue.ts";

const item = (offset: number, key = `k${offset}`, length = 10): StreamItem => ({
  partition: 0,
  offset,
  key,
  tier: null,
  segment: null,
  data: "x".repeat(length),
});

const drain = (queue: StreamQueue): number[] => {
  const offsets: number[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) offsets.push(next.offset);
  return offsets;
};

describe("a queue that keeps all", () => {
  test("gives items back in order and loses none below its bound", () => {
    const queue = new StreamQueue({ kind: "keep-all" }, 1_000_000);
    for (let offset = 0; offset < 3000; offset++) expect(queue.offer(item(offset, "same"))).toBe(true);

    expect(drain(queue)).toEqual(Array.from({ length: 3000 }, (_, offset) => offset));
    expect(queue.bytes).toBe(0);
  });

  test("says so when its bound is passed", () => {
    const queue = new StreamQueue({ kind: "keep-all" }, 1000);
    expect(queue.offer(item(0, "a", 500))).toBe(true);
    expect(queue.offer(item(1, "b", 500))).toBe(false);
  });

  test("takes what is added beyond its bound, for a producer that waits", () => {
    const queue = new StreamQueue({ kind: "keep-all" }, 100);
    queue.add(item(0, "a", 500));
    queue.add(item(1, "b", 500));
    expect(drain(queue)).toEqual([0, 1]);
  });
});

describe("a queue that keeps the newest of each key", () => {
  test("leaves nothing out while it is short", () => {
    const queue = new StreamQueue({ kind: "newest-per-key" }, 100_000);
    for (let offset = 0; offset < 10; offset++) queue.offer(item(offset, "same"));
    expect(drain(queue)).toHaveLength(10);
  });

  test("never passes its bound for few keys, however many items come", () => {
    const queue = new StreamQueue({ kind: "newest-per-key" }, 100_000);
    for (let offset = 0; offset < 50_000; offset++) {
      expect(queue.offer(item(offset, `k${offset % 20}`))).toBe(true);
    }
    expect(queue.bytes).toBeLessThanOrEqual(100_000);
    const offsets = drain(queue);
    for (let key = 0; key < 20; key++) expect(offsets).toContain(50_000 - 20 + key);
  });

  test("passes its bound for too many keys, and says so", () => {
    const queue = new StreamQueue({ kind: "newest-per-key" }, 10_000);
    const fits = Array.from({ length: 1000 }, (_, offset) => queue.offer(item(offset)));
    expect(fits.at(0)).toBe(true);
    expect(fits.at(-1)).toBe(false);
  });

  test("keeps offsets rising and the newest of every key, whatever is offered and taken in between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.integer({ min: 0, max: 5 }), take: fc.boolean() }), { maxLength: 400 }),
        (steps) => {
          const queue = new StreamQueue({ kind: "newest-per-key" }, 2000);
          const taken: StreamItem[] = [];
          const newest = new Map<string, number>();
          for (const [offset, { key, take }] of steps.entries()) {
            queue.offer(item(offset, `k${key}`));
            newest.set(`k${key}`, offset);
            const next = take ? queue.shift() : undefined;
            if (next !== undefined) taken.push(next);
          }
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) taken.push(next);
          const offsets = taken.map(({ offset }) => offset);
          expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
          const last = new Map(taken.map(({ key, offset }) => [key, offset]));
          expect(last).toEqual(newest);
        },
      ),
    );
  });
});

describe("a queue that keeps the newest items", () => {
  test("holds no more than it may, and the newest of them", () => {
    const queue = new StreamQueue({ kind: "newest", itemsMax: 3 }, 1_000_000);
    for (let offset = 0; offset < 100; offset++) queue.offer(item(offset));
    expect(drain(queue)).toEqual([97, 98, 99]);
  });
});

test("a queue lets its consumer go on when something comes, and its producer when nothing is left", async () => {
  const queue = new StreamQueue({ kind: "keep-all" }, 1000);
  const filled = queue.filled();
  queue.add(item(0));
  await filled;
  const drained = queue.drained();
  queue.shift();
  await drained;
  const waiting = Promise.all([queue.filled(), queue.drained()]);
  queue.clear();
  await waiting;
  expect(queue.length).toBe(0);
});
