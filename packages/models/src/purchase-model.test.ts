import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createDiscountSchedule } from "./discount-schedule.ts";
import { createPurchaseModel } from "./purchase-model.ts";
import type { PurchaseModelSpec } from "./purchase-model-parameters.ts";

type Row = PurchaseModelSpec & {
  readonly x: number;
  readonly tx: number;
  readonly T: number;
  readonly logGaps: number;
  readonly logLikelihood: number;
  readonly alive: number;
  readonly silence: readonly number[];
  readonly expected?: readonly number[];
  readonly mass?: readonly { readonly t: number; readonly n: number; readonly probability: number }[];
  readonly residual?: number;
  readonly discounted?: number;
};

interface Fixtures {
  readonly horizons: readonly number[];
  readonly delta: number;
  readonly rows: readonly Row[];
}

/** Made by fixtures/purchase_models.py. */
const fixtures = JSON.parse(
  readFileSync(new URL("../fixtures/purchase-models.json", import.meta.url), "utf8"),
) as Fixtures;
const YEAR = createDiscountSchedule({ horizon: 365 / 7, period: 1, year: 365 / 7, rate: 0.1 });

describe.each(fixtures.rows)("$model at $parameters, x $x, tx $tx, T $T equals the fixture within 1e-9", (row) => {
  const model = createPurchaseModel(row);
  const { x, tx, T } = row;

  test("log-likelihood, P(alive) and silence", () => {
    // ln L of a customer seen for no time is 0 but for rounding; the terms of x = 10,000 are of the size of 1e5.
    expectNear(model.logLikelihood(x, tx, T, row.logGaps), row.logLikelihood, Math.max(1e-5, x / 10));
    expectNear(model.alive(x, tx, T), row.alive);
    for (const [i, h] of fixtures.horizons.entries()) expectNear(model.silence(x, tx, T, h), row.silence[i]);
  });

  test("expected purchases, masses, residual and discounted purchases, where there are any", () => {
    for (const [i, expected] of (row.expected ?? []).entries()) {
      expectNear(model.expectedPurchases(x, tx, T, fixtures.horizons[i] ?? NaN), expected);
    }
    for (const { t, n, probability } of row.mass ?? []) expectNear(model.mass(x, tx, T, t, n), probability);
    if (row.residual !== undefined) expectNear(model.residualPurchases(x, tx, T, fixtures.delta), row.residual);
    if (row.discounted !== undefined) {
      const value = model.discountedPurchases(x, tx, T, YEAR);
      expect(Math.abs(value / row.discounted - 1)).toBeLessThan(model.regularity > 1 ? 1e-9 : 1e-6);
    }
    expect.assertions(
      (row.expected ?? []).length +
        (row.mass ?? []).length +
        (row.residual === undefined ? 0 : 1) +
        (row.discounted === undefined ? 0 : 1),
    );
  });
});

test.each([
  ["a missing parameter", { model: "BG/NBD", parameters: { r: 1, alpha: 1, a: 1 } }],
  ["a negative one", { model: "Pareto/NBD", parameters: { r: 1, alpha: -1, s: 1, beta: 1 } }],
  ["an infinite one", { model: "MBG/NBD", parameters: { r: 1, alpha: Infinity, a: 1, b: 1 } }],
  ["half a phase", { model: "MBG/CNBD-k", parameters: { k: 1.5, r: 1, alpha: 1, a: 1, b: 1 } }],
  ["no k", { model: "BG/CNBD-k", parameters: { r: 1, alpha: 1, a: 1, b: 1 } }],
] as unknown as [string, PurchaseModelSpec][])("%s makes no model", (_, spec) => {
  expect(() => createPurchaseModel(spec)).toThrow(RangeError);
});

const SPECS: readonly PurchaseModelSpec[] = [
  { model: "BG/NBD", parameters: { r: 0.24, alpha: 4.4, a: 0.8, b: 2.4 } },
  { model: "MBG/NBD", parameters: { r: 0.52, alpha: 6.2, a: 0.9, b: 1.6 } },
  { model: "Pareto/NBD", parameters: { r: 0.55, alpha: 10.6, s: 0.6, beta: 11.7 } },
  { model: "BG/CNBD-k", parameters: { k: 2, r: 0.8, alpha: 5, a: 1, b: 2.4 } },
  { model: "MBG/CNBD-k", parameters: { k: 12, r: 2, alpha: 1, a: 0.4, b: 2.4 } },
];

test.each(SPECS)("$model: everything is finite for x and T up to 10,000, tx = T too", (spec) => {
  const model = createPurchaseModel(spec);
  for (const x of [0, 1, 172, 10_000]) {
    for (const T of [0, 1e-9, 1, 10_000]) {
      for (const tx of x === 0 ? [0] : [0, T / 2, T]) {
        const values = {
          logLikelihood: model.logLikelihood(x, tx, T, -x),
          alive: model.alive(x, tx, T),
          silence: model.silence(x, tx, T, 13),
          expected: model.expectedPurchases(x, tx, T, 52),
          mass: model.mass(x, tx, T, 52, 3),
          none: model.mass(x, tx, T, 0, 0),
        };
        expect(
          Object.entries(values).filter(([, value]) => !Number.isFinite(value)),
          `${x} ${tx} ${T}`,
        ).toEqual([]);
      }
    }
  }
});

test.each(SPECS)("$model: out of domain is NaN", (spec) => {
  const model = createPurchaseModel(spec);
  for (const [x, tx, T] of [
    [-1, 0, 1],
    [1, 2, 1],
    [0, 1, 2],
    [1, NaN, 1],
    [1, 1, Infinity],
  ] as const) {
    expect(model.logLikelihood(x, tx, T)).toBeNaN();
    expect(model.alive(x, tx, T)).toBeNaN();
    expect(model.silence(x, tx, T, 1)).toBeNaN();
    expect(model.expectedPurchases(x, tx, T, 1)).toBeNaN();
    expect(model.mass(x, tx, T, 1, 1)).toBeNaN();
  }
  expect(model.silence(1, 1, 1, -1)).toBeNaN();
  expect(model.expectedPurchases(1, 1, 1, -1)).toBeNaN();
  expect(model.mass(1, 1, 1, 1, 0.5)).toBeNaN();
  expect(model.mass(1, 1, 1, 1, -1)).toBeNaN();
  expect(model.residualPurchases(1, 1, 1, 0)).toBeNaN();
});

/** Within 1e-9 of the expected number, or of `scaleMin` where that is greater. */
function expectNear(actual: number, expected: number | undefined, scaleMin = 1e-290): void {
  const want = expected ?? NaN;
  expect(Math.abs(actual - want)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(want), scaleMin));
}
