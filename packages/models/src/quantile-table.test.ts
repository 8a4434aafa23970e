import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createQuantileTable, percentileOf, quantileOf } from "./quantile-table.ts";

interface Fixtures {
  readonly quantiles: {
    readonly sample: readonly number[];
    readonly weights: readonly number[];
    readonly values: readonly number[];
    readonly weightedValues: readonly number[];
    /** Value and the share of the sample below it, half of the ties added. */
    readonly percentiles: readonly (readonly [number, number])[];
  };
}

const file = readFileSync(new URL("../fixtures/regression.json", import.meta.url), "utf8");
const { quantiles: fixture } = JSON.parse(file) as Fixtures;

test("the values equal NumPy's inverted distribution function, weighted or not", () => {
  expect(createQuantileTable(fixture.sample, 20).values).toEqual(fixture.values);
  expect(createQuantileTable(fixture.sample, 20, fixture.weights).values).toEqual(fixture.weightedValues);
});

test("percentiles are within a step of SciPy's, ties at the middle of theirs", () => {
  for (const intervals of [10, 100, 1000]) {
    const table = createQuantileTable(fixture.sample, intervals);
    for (const [value, share] of fixture.percentiles) {
      expect(Math.abs(percentileOf(table, value) - share), `${value}`).toBeLessThanOrEqual(1 / intervals);
    }
  }
});

test("by hand: six of ten are 0, and so 0 stands at .3", () => {
  const table = createQuantileTable([5, 0, 0, 9, 0, 0, 7, 0, 0, 6], 10);
  expect(table.values).toEqual([0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 9]);
  expect(percentileOf(table, 0)).toBeCloseTo(0.3, 12);
  expect(percentileOf(table, 5.5)).toBeCloseTo(0.75, 12);
  expect([percentileOf(table, -1), percentileOf(table, 9), percentileOf(table, 10)]).toEqual([0, 1, 1]);
  expect([0, 0.6, 0.61, 0.7, 1].map((p) => quantileOf(table, p))).toEqual([0, 0, 5, 5, 9]);
  expect(percentileOf(table, NaN)).toBeNaN();
  expect([-0.1, 1.1, NaN].map((p) => quantileOf(table, p))).toEqual([NaN, NaN, NaN]);
});

test("the share of a step is that step, though it rounds", () => {
  const table = createQuantileTable(
    Array.from({ length: 101 }, (_, i) => i),
    100,
  );
  for (let k = 0; k <= 100; k++) expect(quantileOf(table, k / 100)).toBe(table.values[k]);
});

test("one value fills the table and stands at ½", () => {
  const table = createQuantileTable([3], 4);
  expect(table.values).toEqual([3, 3, 3, 3, 3]);
  expect([2, 3, 4].map((value) => percentileOf(table, value))).toEqual([0, 0.5, 1]);
});

const sample = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 3 })), {
  minLength: 1,
  maxLength: 60,
});
const places = fc.double({ min: -12, max: 12, noNaN: true });

test("a percentile is within a step of the sample's own, and never falls", () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 1, max: 40 }), fc.array(places), (some, intervals, between) => {
      const values = some.map(([value]) => value);
      const table = createQuantileTable(values, intervals);
      let before = 0;
      for (const value of [...values, ...between].toSorted((a, b) => a - b)) {
        const below = values.filter((other) => other < value).length;
        const equal = values.filter((other) => other === value).length;
        const percentile = percentileOf(table, value);
        expect(Math.abs(percentile - (below + equal / 2) / values.length)).toBeLessThanOrEqual(1 / intervals + 1e-12);
        expect(percentile).toBeGreaterThanOrEqual(before);
        before = percentile;
      }
    }),
  );
});

test("a weight counts a value that many times, and the order changes nothing", () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 1, max: 40 }), (some, intervals) => {
      const counted = [...some, [0, 1] as const];
      const repeated = counted.flatMap(([value, weight]) => Array.from({ length: weight }, () => value));
      const weighted = createQuantileTable(
        counted.map(([value]) => value),
        intervals,
        counted.map(([, weight]) => weight),
      );
      expect(createQuantileTable(repeated, intervals)).toEqual(weighted);
      expect(createQuantileTable(repeated.toReversed(), intervals)).toEqual(weighted);
    }),
  );
});

test("bad input is refused", () => {
  expect(() => createQuantileTable([], 10)).toThrow(expect.objectContaining({ code: "EMPTY" }));
  expect(() => createQuantileTable([1, NaN], 10)).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => createQuantileTable([1], 0)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => createQuantileTable([1], 2.5)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => createQuantileTable([1], 2, [1, 2])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(() => createQuantileTable([1], 2, [0])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
});
