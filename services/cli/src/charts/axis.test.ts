import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCount, formatPercent, roundAxis, shareOf } from "./axis.ts";

const range = { ticks: 5, label: "", format: String };

test.each([
  [0, 78, [0, 20, 40, 60, 80]],
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0, 0.003, [0, 0.001, 0.002, 0.003]],
  [0.72, 0.95, [0.7, 0.75, 0.8, 0.85, 0.9, 0.95]],
  [-3, 4, [-4, -2, 0, 2, 4]],
  [0, 2.4e9, [0, 5e8, 1e9, 1.5e9, 2e9, 2.5e9]],
])("from %d to %d it is ticked at round numbers", (low, high, ticks) => {
  const axis = roundAxis({ ...range, low, high });
  expect(axis.ticks).toEqual(ticks);
  expect([axis.low, axis.high]).toEqual([ticks[0], ticks.at(-1)]);
});

test("what is counted has no halves, and one value alone gets a range", () => {
  expect(roundAxis({ ...range, low: 0, high: 1, whole: true }).ticks).toEqual([0, 1]);
  expect(roundAxis({ ...range, low: 3, high: 3 }).ticks).toEqual([3, 4, 5, 6]);
  expect(roundAxis({ ...range, low: 0, high: 0 }).high).toBe(1);
});

test("an axis holds its range, and its ticks are few, even and ascending", () => {
  const value = fc.oneof(fc.double({ min: -1e300, max: 1e300, noNaN: true }), fc.integer({ min: -1000, max: 1000 }));
  fc.assert(
    fc.property(value, value, fc.integer({ min: 1, max: 10 }), (one, other, ticks) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const axis = roundAxis({ ...range, ticks, low, high });
      const slack = 1e-8 * (axis.high - axis.low) + 1e-11 * Math.abs(high);
      expect(axis.low).toBeLessThanOrEqual(low + slack);
      expect(axis.high).toBeGreaterThanOrEqual(high - slack);
      expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
      expect(axis.ticks.length).toBeLessThanOrEqual(ticks + 2);
      expect(shareOf(axis, axis.low)).toBe(0);
      expect(shareOf(axis, axis.high)).toBe(1);
      expect(axis.ticks).toEqual(axis.ticks.toSorted((a, b) => a - b));
    }),
  );
});

test("numbers are short and readable", () => {
  expect([0, 7, 12_345, 0.25, 1e6, 1.5e9, 1e18, 9.4e17].map(formatCount)).toEqual([
    "0",
    "7",
    "12,345",
    "0.25",
    "1M",
    "1.5B",
    "1e18",
    "9.4e17",
  ]);
  expect([0, 0.2, 0.123, 1].map(formatPercent)).toEqual(["0\u00A0%", "20\u00A0%", "12.3\u00A0%", "100\u00A0%"]);
});
