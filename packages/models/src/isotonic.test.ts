import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitIsotonic, isotonicValue } from "./isotonic.ts";

interface Fixtures {
  readonly isotonic: {
    readonly scores: readonly number[];
    readonly targets: readonly number[];
    readonly grid: readonly number[];
    readonly cases: readonly {
      readonly weights: readonly number[];
      readonly linear: readonly number[];
      readonly fitted: readonly number[];
    }[];
  };
}

const file = readFileSync(new URL("../fixtures/regression.json", import.meta.url), "utf8");
const { isotonic: fixture } = JSON.parse(file) as Fixtures;

describe.each([0, 1])("weights %d of the fixture", (which) => {
  const expected = fixture.cases[which];
  if (expected === undefined) throw new Error("no such case");
  const fit = fitIsotonic(fixture.scores, fixture.targets, expected.weights);

  test("the fitted values equal scikit-learn's within 1e-9, by either interpolation", () => {
    for (const between of ["step", "linear"] as const) {
      expectNear(
        fixture.scores.map((score) => isotonicValue(fit, score, between)),
        expected.fitted,
      );
    }
  });

  test("between and beyond the scores linear interpolation does", () => {
    expectNear(
      fixture.grid.map((score) => isotonicValue(fit, score, "linear")),
      expected.linear,
    );
  });
});

test("violators are pooled by hand: 1, 3, 2, 2, 5 gives 1, 7/3 thrice, 5", () => {
  const fit = fitIsotonic([1, 2, 3, 4, 5], [1, 3, 2, 2, 5]);
  expect(fit.lower).toEqual([1, 2, 5]);
  expect(fit.upper).toEqual([1, 4, 5]);
  expectNear(fit.values, [1, 7 / 3, 5]);
});

test("between blocks a step holds the value below and a line rises; beyond the ends the ends hold", () => {
  const fit = fitIsotonic([1, 3], [0, 1]);
  const at = (score: number, between: "step" | "linear"): number => isotonicValue(fit, score, between);
  expect([at(0, "step"), at(1, "step"), at(2.9, "step"), at(3, "step"), at(9, "step")]).toEqual([0, 0, 0, 1, 1]);
  expect([at(0, "linear"), at(1, "linear"), at(2, "linear"), at(3, "linear"), at(9, "linear")]).toEqual([
    0, 0, 0.5, 1, 1,
  ]);
  expect(at(NaN, "linear")).toBeNaN();
});

const points = fc.array(
  fc.record({
    score: fc.integer({ min: -9, max: 9 }),
    target: fc.integer({ min: -5, max: 5 }),
    weight: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);
type Point = { score: number; target: number; weight: number };
const scoresOf = (some: readonly Point[]): number[] => some.map(({ score }) => score);
const fitOf = (some: readonly Point[]): ReturnType<typeof fitIsotonic> =>
  fitIsotonic(
    scoresOf(some),
    some.map(({ target }) => target),
    some.map(({ weight }) => weight),
  );

test("the curve never falls, and its blocks are in order", () => {
  fc.assert(
    fc.property(points, fc.array(fc.double({ min: -12, max: 12, noNaN: true })), (some, places) => {
      const fit = fitOf(some);
      for (const between of ["step", "linear"] as const) {
        const values = places.toSorted((a, b) => a - b).map((place) => isotonicValue(fit, place, between));
        expect(values.every((value, i) => i === 0 || value >= (values[i - 1] ?? NaN))).toBe(true);
      }
      expect(fit.values.every((value, k) => k === 0 || value > (fit.values[k - 1] ?? NaN))).toBe(true);
      expect(fit.lower.every((score, k) => k === 0 || score > (fit.upper[k - 1] ?? NaN))).toBe(true);
    }),
  );
});

test("a fit of the fit is the fit", () => {
  fc.assert(
    fc.property(points, (some) => {
      const fit = fitOf(some);
      const again = fitOf(some.map((point) => ({ ...point, target: isotonicValue(fit, point.score, "step") })));
      expect(again).toEqual(fit);
    }),
  );
});

test("the mean of a block is the mean of its rows, weighted", () => {
  fc.assert(
    fc.property(points, (some) => {
      const fit = fitOf(some);
      for (const [k, value] of fit.values.entries()) {
        const inside = some.filter(({ score }) => score >= (fit.lower[k] ?? NaN) && score <= (fit.upper[k] ?? NaN));
        const total = inside.reduce((sum, { weight }) => sum + weight, 0);
        expect(value).toBeCloseTo(inside.reduce((sum, { target, weight }) => sum + target * weight, 0) / total, 9);
      }
    }),
  );
});

test("a weight counts a row that many times, and the order of the rows changes nothing", () => {
  fc.assert(
    fc.property(points, (some) => {
      const fit = fitOf(some);
      const repeated = some.flatMap((point) => Array.from({ length: point.weight }, () => ({ ...point, weight: 1 })));
      for (const other of [fitOf(repeated), fitOf(some.toReversed())]) {
        // Where values are equal but for rounding the blocks may differ, the curve does not.
        expectNear(
          scoresOf(some).map((score) => isotonicValue(other, score, "step")),
          scoresOf(some).map((score) => isotonicValue(fit, score, "step")),
        );
      }
    }),
  );
});

test("rows of weight 0 do not count", () => {
  expect(fitIsotonic([0, 1, 2], [9, 1, 2], [0, 1, 1])).toEqual(fitIsotonic([1, 2], [1, 2]));
});

test("bad input is refused", () => {
  expect(() => fitIsotonic([], [])).toThrow(expect.objectContaining({ code: "EMPTY" }));
  expect(() => fitIsotonic([1], [NaN])).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => fitIsotonic([Infinity], [1])).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => fitIsotonic([1, 2], [1])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(() => fitIsotonic([1], [1], [1, 1])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(() => fitIsotonic([1], [1], [-1])).toThrow(expect.objectContaining({ code: "NEGATIVE" }));
  expect(() => fitIsotonic([1], [1], [0])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
});

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-9);
}
