import { logistic } from "@tidemark/models";
import { expect, test } from "vitest";
import type { Valuation } from "./valuation.ts";
import { valuationBounds } from "./valuation-bounds.ts";

/** Silence rises from .2 to .6 while nothing else changes but the terms. */
const [first, second] = [0.2, 0.6].map((silence) => (terms: readonly number[], clvMinor = 1_000): Valuation => {
  return {
    by: "SILENCE",
    alive: 1,
    silence,
    silenceLogit: Math.log(silence / (1 - silence)),
    terms,
    hazard: NaN,
    churn: NaN,
    purchasesMinor: clvMinor,
    renewalsMinor: 0,
    ifAliveMinor: NaN,
    expectedMinor: NaN,
  };
}) as [(terms: readonly number[], clvMinor?: number) => Valuation, (terms: readonly number[]) => Valuation];

const stay = (silence: number, hazard: number): number => 1 / (1 - silence + silence * Math.exp(hazard));

test("terms that move against each other are bounded one by one", () => {
  const bounds = valuationBounds(first([1, -1]), second([0, 0.5]));
  expect(bounds.churnMin).toBeCloseTo(logistic(Math.log(0.25) - 1), 12);
  expect(bounds.churnMax).toBeCloseTo(logistic(Math.log(1.5) + 1.5), 12);
  expect(bounds.expectedMinorMin).toBeCloseTo(1_000 * stay(0.6, 1.5), 9);
  expect(bounds.expectedMinorMax).toBeCloseTo(1_000 * stay(0.6, -1), 9);
});

test("where the hazard stays below 0, value is least where silence is, and the other way where it stays above", () => {
  const below = valuationBounds(first([-2]), second([-1]));
  expect(below.expectedMinorMin).toBeCloseTo(1_000 * stay(0.2, -1), 9);
  expect(below.expectedMinorMax).toBeCloseTo(1_000 * stay(0.6, -2), 9);
  const above = valuationBounds(first([1]), second([2]));
  expect(above.expectedMinorMin).toBeCloseTo(1_000 * stay(0.6, 2), 9);
  expect(above.expectedMinorMax).toBeCloseTo(1_000 * stay(0.2, 1), 9);
});

test("a value below 0 is least where most of it stays", () => {
  const { expectedMinorMin, expectedMinorMax } = valuationBounds(first([1], -500), second([2]));
  expect(expectedMinorMin).toBeCloseTo(-500 * stay(0.2, 1), 9);
  expect(expectedMinorMax).toBeCloseTo(1_000 * stay(0.2, 1), 9);
});
