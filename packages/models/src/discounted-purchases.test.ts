import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createDiscountSchedule } from "./discount-schedule.ts";
import { createPurchaseCurves, discountedPurchasesAlive } from "./discounted-purchases.ts";
import { mbgAlive, mbgExpectedPurchasesAlive } from "./mbg-nbd.ts";

interface Fixtures {
  readonly values: readonly {
    readonly x: number;
    readonly tx: number;
    readonly T: number;
    readonly discounted: number;
  }[];
}

const fixtures = JSON.parse(readFileSync(new URL("../fixtures/mbg-nbd.json", import.meta.url), "utf8")) as Fixtures;
const CDNOW = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };
const YEAR = createDiscountSchedule({ horizon: 365 / 7, period: 1, year: 365 / 7, rate: 0.1 });

test.each(fixtures.values)(
  "at x $x, tx $tx, T $T it is the weekly sum over a year within 1e-6",
  ({ x, tx, T, discounted }) => {
    const value = mbgAlive(CDNOW, x, tx, T) * discountedPurchasesAlive(CDNOW, x, T, YEAR);
    expect(Math.abs(value - discounted)).toBeLessThanOrEqual(1e-6 * discounted);
  },
);

test("the curves equal the quadrature within 1e-10, for every x and T up to 10,000", () => {
  for (const parameters of [CDNOW, { r: 0.2, alpha: 0.9, a: 2, b: 0.5 }, { r: 9, alpha: 80, a: 1, b: 30 }]) {
    const curves = createPurchaseCurves(parameters, YEAR);
    for (const x of [0, 1, 2, 13, 100, 4096, 10_000]) {
      for (let T = 0; T < 10_000; T = T * 1.3 + 0.1) {
        expect(Math.abs(curves(x, T) / discountedPurchasesAlive(parameters, x, T, YEAR) - 1)).toBeLessThan(1e-10);
      }
    }
  }
});

test("without discounting it is the expected number of purchases", () => {
  const undiscounted = createDiscountSchedule({ horizon: 52, period: 1, year: 365 / 7, rate: 0 });
  expect(discountedPurchasesAlive(CDNOW, 3, 20, undiscounted)).toBe(mbgExpectedPurchasesAlive(CDNOW, 3, 20, 52));
});

test("out of domain is NaN", () => {
  const curves = createPurchaseCurves(CDNOW, YEAR);
  expect(curves(-1, 3)).toBeNaN();
  expect(curves(1, -3)).toBeNaN();
  expect(curves(1, NaN)).toBeNaN();
});
