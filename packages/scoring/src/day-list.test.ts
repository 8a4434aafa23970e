import fc from "fast-check";
import { expect, test } from "vitest";
import { addToDay, type DayEntry, packDays, unpackDays } from "./day-list.ts";

const anyDays = fc.uniqueArray(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 50 }).chain((days) =>
  fc.tuple(
    ...days
      .toSorted((a, b) => a - b)
      .map((day) =>
        fc.record({
          day: fc.constant(day),
          count: fc.integer({ min: 1, max: 2 ** 31 }),
          amountMinor: fc.integer({ min: 0, max: 2 ** 52 }),
        }),
      ),
  ),
);

test("what is packed is what is unpacked", () => {
  fc.assert(
    fc.property(anyDays, (days) => {
      expect(unpackDays(packDays(days))).toEqual(days);
    }),
  );
});

test("a usual day takes at most 6 bytes", () => {
  const days = Array.from({ length: 10 }, (_, i) => ({ day: 20_000 + i * 30, count: 1, amountMinor: 4_999 }));
  expect(packDays(days).length).toBeLessThanOrEqual(60);
});

test("days are put in in order, added to, and taken out where nothing remains", () => {
  const days: DayEntry[] = [];
  addToDay(days, 5, 1, 10);
  addToDay(days, 3, 1, 20);
  addToDay(days, 5, 1, 30);
  addToDay(days, 4, 1, 0);
  expect(days.map(({ day, count, amountMinor }) => [day, count, amountMinor])).toEqual([
    [3, 1, 20],
    [4, 1, 0],
    [5, 2, 40],
  ]);
  expect(addToDay(days, 4, -1, 0)).toBe(true);
  expect(addToDay(days, 4, -1, 0)).toBe(false);
  expect(days.map(({ day }) => day)).toEqual([3, 5]);
});
