import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areaUnderCurve, aucInterval } from "./auc.ts";
import { brierDecomposition } from "./brier.ts";
import { calibrationCurve, expectedCalibrationError } from "./calibration-curve.ts";
import { logLoss } from "./log-loss.ts";
import { wilsonInterval } from "./wilson.ts";

const rows = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 20 })), {
  minLength: 1,
  maxLength: 60,
});
const columns = (some: readonly (readonly [number, number])[]): { outcomes: number[]; forecasts: number[] } => ({
  outcomes: some.map(([outcome]) => outcome),
  forecasts: some.map(([, twentieths]) => twentieths / 20),
});

describe("log loss", () => {
  test("by hand: ln 2 for a coin, 0 for the certain and right, Infinity for the certain and wrong", () => {
    expect(logLoss([0, 1], [0.5, 0.5])).toBeCloseTo(Math.LN2, 12);
    expect(logLoss([0, 1], [0, 1])).toBe(0);
    expect(logLoss([0, 1], [0, 0])).toBe(Infinity);
  });
});

describe("Murphy's decomposition", () => {
  test("by hand: two forecasts of two rows each", () => {
    const { brier, ...parts } = brierDecomposition([0, 1, 1, 1], [0.4, 0.4, 0.8, 0.8]);
    expect(brier).toBeCloseTo((0.16 + 0.36 + 0.04 + 0.04) / 4, 12);
    expect(parts.reliability).toBeCloseTo((0.01 + 0.04) / 2, 12);
    expect(parts.resolution).toBeCloseTo((0.0625 + 0.0625) / 2, 12);
    expect(parts.uncertainty).toBeCloseTo(0.75 * 0.25, 12);
    expect(parts.withinBins).toBeCloseTo(0, 12);
  });

  test("adds up: brier = reliability − resolution + uncertainty, a bin a forecast", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const { outcomes, forecasts } = columns(some);
        const { brier, reliability, resolution, uncertainty, withinBins } = brierDecomposition(outcomes, forecasts);
        expect(reliability - resolution + uncertainty).toBeCloseTo(brier, 12);
        expect(withinBins).toBeCloseTo(0, 12);
        expect(resolution).toBeLessThanOrEqual(uncertainty + 1e-12);
      }),
    );
  });

  test("adds up with what bins of several forecasts hide", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (some, bins) => {
        const { outcomes, forecasts } = columns(some);
        const { brier, reliability, resolution, uncertainty, withinBins } = brierDecomposition(
          outcomes,
          forecasts,
          bins,
        );
        expect(reliability - resolution + uncertainty + withinBins).toBeCloseTo(brier, 12);
      }),
    );
  });
});

describe("calibration", () => {
  test("by hand: five rows in two bins of two and three, ties in the order given", () => {
    const bins = calibrationCurve([1, 0, 0, 1, 1], [0.5, 0.9, 0.5, 0.1, 0.5], 2);
    expect(bins.map(({ count }) => count)).toEqual([2, 3]);
    // .1 and .5 (the first row), both came true; then .5 (the third), .5 (the last) and .9, of which one did.
    expect(bins.map(({ observed }) => observed)).toEqual([1, 1 / 3]);
    expect(bins[0]?.meanPredicted).toBeCloseTo(0.3, 12);
    expect(bins[1]?.meanPredicted).toBeCloseTo(1.9 / 3, 12);
    const error = (2 / 5) * 0.7 + (3 / 5) * (0.9 / 3);
    expect(expectedCalibrationError([1, 0, 0, 1, 1], [0.5, 0.9, 0.5, 0.1, 0.5], 2)).toBeCloseTo(error, 12);
  });

  test("fewer rows than bins make a bin a row", () => {
    expect(calibrationCurve([1, 0], [0.2, 0.4]).map(({ count }) => count)).toEqual([1, 1]);
  });

  test("bins hold every row once, in order, and differ by a row at most", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (some, count) => {
        const { outcomes, forecasts } = columns(some);
        const bins = calibrationCurve(outcomes, forecasts, count);
        const counts = bins.map((bin) => bin.count);
        expect(counts.reduce((sum, size) => sum + size, 0)).toBe(some.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        for (const [k, { meanPredicted, observed, interval }] of bins.entries()) {
          expect(meanPredicted).toBeGreaterThanOrEqual((bins[k - 1]?.meanPredicted ?? 0) - 1e-12);
          expect(interval.lower).toBeLessThanOrEqual(observed);
          expect(interval.upper).toBeGreaterThanOrEqual(observed);
        }
      }),
    );
  });
});

test("Wilson's interval is exact at the ends and NaN out of domain", () => {
  for (let trials = 1; trials <= 100; trials++) {
    expect(wilsonInterval(0, trials).lower).toBe(0);
    expect(wilsonInterval(trials, trials).upper).toBe(1);
  }
  for (const [successes, trials] of [
    [0, 0],
    [2, 1],
    [-1, 3],
    [NaN, 3],
  ] as const) {
    expect(wilsonInterval(successes, trials)).toEqual({ lower: NaN, upper: NaN });
  }
});

describe("AUC", () => {
  test("by hand: of six pairs four and a half are ranked right", () => {
    expect(areaUnderCurve([0, 1, 0, 1, 0], [1, 2, 2, 4, 3])).toBeCloseTo(4.5 / 6, 12);
  });

  test("is ½ where all scores are the same, 1 and 0 where they part, NaN where one outcome is all", () => {
    expect(areaUnderCurve([0, 1, 0], [7, 7, 7])).toBe(0.5);
    expect(areaUnderCurve([0, 0, 1], [1, 2, 3])).toBe(1);
    expect(areaUnderCurve([1, 0, 0], [1, 2, 3])).toBe(0);
    expect(areaUnderCurve([1, 1], [1, 2])).toBeNaN();
    expect(areaUnderCurve([0, 0], [1, 2])).toBeNaN();
  });

  test("an interval stays inside 0 to 1, and needs each outcome twice", () => {
    expect(aucInterval([0, 0, 0, 1, 1], [1, 2, 3, 2.5, 9]).upper).toBe(1);
    expect(aucInterval([0, 0, 1], [1, 2, 1.5])).toMatchObject({ auc: 0.5, standardError: NaN, lower: NaN, upper: NaN });
    expect(aucInterval([0, 0, 1, 1], [1, 2, 3, 4])).toEqual({ auc: 1, standardError: 0, lower: 1, upper: 1 });
  });

  test("a rising transform of the scores changes nothing, a falling one turns it round", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const { outcomes, forecasts } = columns([...some, [0, 7], [1, 7], [0, 9], [1, 3]]);
        const interval = aucInterval(outcomes, forecasts);
        expect(
          aucInterval(
            outcomes,
            forecasts.map((p) => Math.exp(5 * p) - 40),
          ),
        ).toEqual(interval);
        const falling = areaUnderCurve(
          outcomes,
          forecasts.map((p) => -(p ** 3)),
        );
        expect(falling).toBeCloseTo(1 - interval.auc, 12);
      }),
    );
  });
});
