import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys, compareTicks, isDone } from "./tick.ts";
import { TimerHeap } from "./timer-heap.ts";
import { END_OF_TIME } from "./timer-window.ts";

test("keys are ordered as their UTF-8 bytes are, beyond the basic plane too", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(compareKeys("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
});

test("a tick with a key lies between the start and the end of its millisecond", () => {
  const start = { ms: 5, key: "" };
  const middle = { ms: 5, key: "m" };
  const end = { ms: 5, key: null };
  expect([end, middle, start].sort(compareTicks)).toEqual([start, middle, end]);
  expect([isDone(5, "a", start), isDone(5, "a", middle), isDone(5, "z", middle), isDone(5, "z", end)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test("timers come out of the heap in the order (due, key) and never beyond the limit", () => {
  const timers = fc.array(fc.record({ due: fc.integer({ min: 0, max: 20 }), key: fc.string({ maxLength: 2 }) }));
  fc.assert(
    fc.property(timers, fc.integer({ min: 0, max: 20 }), (all, limit) => {
      const heap = new TimerHeap();
      for (const timer of all) heap.push(timer);
      const popped = [];
      for (
        let timer = heap.pop({ ms: limit, key: null });
        timer !== undefined;
        timer = heap.pop({ ms: limit, key: null })
      ) {
        popped.push(timer);
      }
      const due = all.filter((timer) => timer.due <= limit);
      expect(popped).toEqual([...due].sort((a, b) => a.due - b.due || compareKeys(a.key, b.key)));
      expect(heap.size).toBe(all.length - due.length);
      expect(heap.pop(END_OF_TIME) === undefined).toBe(heap.size === 0 && all.length === due.length);
    }),
  );
});
