import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fitPlatt, plattProbability } from "./platt.ts";

interface Fixtures {
  readonly platt: {
    readonly scores: readonly number[];
    readonly outcomes: readonly number[];
    readonly intercept: number;
    readonly slope: number;
  };
}

const file = readFileSync(new URL("../fixtures/regression.json", import.meta.url), "utf8");
const { platt } = JSON.parse(file) as Fixtures;

test("slope and intercept equal the fixture within 1e-9", () => {
  const { slope, intercept } = fitPlatt(platt.scores, platt.outcomes);
  expect(Math.abs(slope / platt.slope - 1)).toBeLessThan(1e-9);
  expect(Math.abs(intercept / platt.intercept - 1)).toBeLessThan(1e-9);
});

test("two scores that part the outcomes get the smoothed targets, 1/3 and 2/3", () => {
  const scaling = fitPlatt([-1, 1], [0, 1]);
  expect(plattProbability(scaling, -1)).toBeCloseTo(1 / 3, 12);
  expect(plattProbability(scaling, 1)).toBeCloseTo(2 / 3, 12);
  expect(plattProbability(scaling, 0)).toBeCloseTo(0.5, 12);
});

test("one outcome alone gives its smoothed share everywhere", () => {
  const scaling = fitPlatt([-1, 0, 3], [1, 1, 1]);
  expect(plattProbability(scaling, -5)).toBeCloseTo(4 / 5, 9);
  expect(plattProbability(scaling, 5)).toBeCloseTo(4 / 5, 9);
});

test("weights count rows, also in the targets", () => {
  const weighted = fitPlatt([-1, 0, 1, 2], [0, 1, 0, 1], [2, 1, 3, 2]);
  const repeated = fitPlatt([-1, -1, 0, 1, 1, 1, 2, 2], [0, 0, 1, 0, 0, 0, 1, 1]);
  expect(weighted.slope).toBeCloseTo(repeated.slope, 12);
  expect(weighted.intercept).toBeCloseTo(repeated.intercept, 12);
});

test("the order of the rows changes nothing", () => {
  const { slope, intercept } = fitPlatt(platt.scores, platt.outcomes);
  const turned = fitPlatt(platt.scores.toReversed(), platt.outcomes.toReversed());
  expect(turned.slope).toBeCloseTo(slope, 12);
  expect(turned.intercept).toBeCloseTo(intercept, 12);
});

test("bad input is refused, and equal scores too", () => {
  expect(() => fitPlatt([], [])).toThrow(expect.objectContaining({ code: "EMPTY" }));
  expect(() => fitPlatt([1, Infinity], [0, 1])).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => fitPlatt([1, 2], [0, 0.5])).toThrow(expect.objectContaining({ code: "NOT_BINARY" }));
  expect(() => fitPlatt([1, 2], [0])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(() => fitPlatt([1, 2], [0, 1], [1, -2])).toThrow(expect.objectContaining({ code: "NEGATIVE" }));
  expect(() => fitPlatt([1, 2], [0, 1], [0, 0])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => fitPlatt([1, 1], [0, 1])).toThrow(expect.objectContaining({ code: "SINGULAR" }));
});
