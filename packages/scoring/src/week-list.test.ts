import { emptyProfile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addToWeek, firstDayOf, unpackWeeks, WEEK_SUMS, weekOf, YEAR_WEEKS } from "./week-list.ts";

test("a week begins on Monday", () => {
  const monday = Date.UTC(2026, 5, 1) / 86_400_000;
  expect(weekOf(monday)).toBe(weekOf(monday + 6));
  expect(weekOf(monday - 1)).toBe(weekOf(monday) - 1);
  expect(firstDayOf(weekOf(monday + 3))).toBe(monday);
});

test("sums of the weeks that a trailing year can reach are those of all that was added, in whatever order", () => {
  const addition = fc.record({
    day: fc.integer({ min: 20_000, max: 20_600 }),
    sum: fc.constantFrom(...WEEK_SUMS),
    value: fc.oneof(fc.integer({ min: -3, max: 300 }), fc.integer({ min: -(2 ** 50), max: 2 ** 50 })),
  });
  fc.assert(
    fc.property(fc.array(addition, { maxLength: 200 }), (additions) => {
      const profile = emptyProfile("c1");
      const expected = new Map<string, number>();
      for (const { day, sum, value } of additions) {
        const key = `${weekOf(day)} ${sum}`;
        const total = (expected.get(key) ?? 0) + value;
        if (Math.abs(total) > 2 ** 52) continue;
        addToWeek(profile, day, sum, value);
        expected.set(key, total);
      }
      const newest = Math.max(...[...expected.keys()].map((key) => Number.parseInt(key, 10)));
      const entries = unpackWeeks(profile.weeks);
      expect(entries.map(({ week }) => week)).toEqual(entries.map(({ week }) => week).toSorted((a, b) => b - a));
      for (const [key, total] of expected) {
        const [week, sum] = key.split(" ");
        if (Number(week) < newest - YEAR_WEEKS) continue;
        const sums = entries.find((entry) => entry.week === Number(week))?.sums;
        expect([key, sums?.[WEEK_SUMS.findIndex((name) => name === sum)] ?? 0]).toEqual([key, total]);
      }
    }),
    { numRuns: 300 },
  );
});

test("what was added to a few weeks is packed alike in whatever order it came, and what was taken back leaves nothing", () => {
  const addition = fc.record({
    day: fc.integer({ min: 20_590, max: 20_605 }),
    sum: fc.constantFrom("visits", "actions", "costMilliMinor", "clicks"),
    value: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 50, max: 20_000 })),
  });
  const additions = fc.array(addition, { maxLength: 60 });
  fc.assert(
    fc.property(
      additions.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const [one, other] = [all, shuffled].map((order) => {
          const profile = emptyProfile("c1");
          for (const { day, sum, value } of order) addToWeek(profile, day, sum, value);
          return profile.weeks;
        });
        expect(one).toEqual(other);
        for (const { week, sums } of unpackWeeks(one ?? Buffer.alloc(0))) {
          const ofWeek = all.filter(({ day }) => weekOf(day) === week);
          const expected = WEEK_SUMS.map((name) =>
            ofWeek.filter(({ sum }) => sum === name).reduce((total, { value }) => total + value, 0),
          );
          expect(sums).toEqual(expected);
        }
      },
    ),
  );
});

test("the list stays within a year however long the customer comes", () => {
  const profile = emptyProfile("c1");
  for (let day = 10_000; day < 14_000; day++) addToWeek(profile, day, "costMilliMinor", 2 ** 30);
  expect(unpackWeeks(profile.weeks).length).toBeLessThanOrEqual(YEAR_WEEKS + 2);
});
