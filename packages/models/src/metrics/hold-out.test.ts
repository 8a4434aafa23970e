import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mbgExpectedPurchases, mbgSilence } from "../mbg-nbd.ts";
import { areaUnderCurve } from "./auc.ts";
import { brierDecomposition, brierScore } from "./brier.ts";
import { expectedCalibrationError } from "./calibration-curve.ts";
import { topValueShare } from "./gain.ts";
import { meanAbsoluteError, pearsonCorrelation } from "./point-errors.ts";

/** Of each customer of the CDNOW sample the calibration and the whole: see test/fixtures/cdnow/README.md. */
const summary = readFileSync(new URL("../../../../test/fixtures/cdnow/summary.csv", import.meta.url), "utf8");
const customers = summary
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(",").map(Number))
  .map(([, , x = NaN, txDays = NaN, tDays = NaN, , spend = NaN, wholeX = NaN, , wholeSpend = NaN]) => ({
    x,
    tx: txDays / 7,
    T: tDays / 7,
    spend,
    bought: wholeX - x,
    revenue: wholeSpend - spend,
  }));

const MBG = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };
const HOLD_OUT = 39;
const silent: number[] = customers.map((customer) => (customer.bought === 0 ? 1 : 0));
const silence = customers.map(({ x, tx, T }) => mbgSilence(MBG, x, tx, T, HOLD_OUT));
const bought = customers.map((customer) => customer.bought);
const expected = customers.map(({ x, tx, T }) => mbgExpectedPurchases(MBG, x, tx, T, HOLD_OUT));

test("MBG/NBD's figures on the CDNOW hold-out are those of other implementations, to their last digit", () => {
  expect(1 - silent.reduce((sum, one) => sum + one, 0) / silent.length).toBeCloseTo(0.29, 3);
  expect(meanAbsoluteError(bought, expected)).toBeCloseTo(0.7648, 4);
  expect(pearsonCorrelation(bought, expected)).toBeCloseTo(0.6273, 4);
  expect(areaUnderCurve(silent, silence)).toBeCloseTo(0.7601, 4);
  expect(brierScore(silent, silence)).toBeCloseTo(0.1614, 4);
  expect(expectedCalibrationError(silent, silence)).toBeCloseTo(0.055, 3);
});

test("so are the baselines: recency alone, and the base rate's Brier", () => {
  const sinceLast = customers.map(({ tx, T }) => T - tx);
  expect(areaUnderCurve(silent, sinceLast)).toBeCloseTo(0.771, 3);
  expect(brierDecomposition(silent, silence, 10).uncertainty).toBeCloseTo(0.206, 3);
});

test("the top decile captures 76.2 % of revenue by hindsight, 48 to 49 % by past spend", () => {
  const revenue = customers.map((customer) => customer.revenue);
  expect(topValueShare(revenue, revenue, 0.1)).toBeCloseTo(0.762, 3);
  const bySpend = topValueShare(
    revenue,
    customers.map(({ spend }) => spend),
    0.1,
  );
  expect(bySpend).toBeGreaterThan(0.475);
  expect(bySpend).toBeLessThan(0.495);
});
