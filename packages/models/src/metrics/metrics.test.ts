import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { areaUnderCurve, aucInterval } from "./auc.ts";
import { brierDecomposition, brierScore } from "./brier.ts";
import { calibrationCurve, expectedCalibrationError } from "./calibration-curve.ts";
import { concordance } from "./concordance.ts";
import { gainCurve, topValueShare } from "./gain.ts";
import { logLoss } from "./log-loss.ts";
import { meanAbsoluteError, pearsonCorrelation, rootMeanSquaredError } from "./point-errors.ts";
import { wilsonInterval } from "./wilson.ts";

interface Fixtures {
  readonly outcomes: readonly number[];
  readonly forecasts: readonly number[];
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  readonly logLoss: number;
  readonly brier: number;
  readonly murphy: { readonly reliability: number; readonly resolution: number; readonly uncertainty: number };
  readonly calibration: readonly {
    readonly count: number;
    readonly meanPredicted: number;
    readonly observed: number;
    readonly lower: number;
    readonly upper: number;
  }[];
  readonly ece: number;
  readonly auc: number;
  readonly aucStandardError: number;
  readonly mae: number;
  readonly rmse: number;
  readonly correlation: number;
  readonly gains: readonly number[];
  readonly tauB: number;
  readonly harrellC: number;
  readonly wilson: readonly {
    readonly successes: number;
    readonly trials: number;
    readonly interval: readonly number[];
  }[];
}

/** Made with ties in every column and a number of rows that no ten bins divide. */
const file = readFileSync(new URL("../../fixtures/metrics.json", import.meta.url), "utf8");
const fixture = JSON.parse(file) as Fixtures;
const { outcomes, forecasts, actual, predicted } = fixture;

describe("against scikit-learn, SciPy, statsmodels or the definition pair by pair, within 1e-12", () => {
  test("log loss and Brier score", () => {
    expect(logLoss(outcomes, forecasts)).toBeCloseTo(fixture.logLoss, 12);
    expect(brierScore(outcomes, forecasts)).toBeCloseTo(fixture.brier, 12);
  });

  test("Murphy's reliability, resolution and uncertainty", () => {
    const { reliability, resolution, uncertainty } = brierDecomposition(outcomes, forecasts);
    expect(reliability).toBeCloseTo(fixture.murphy.reliability, 12);
    expect(resolution).toBeCloseTo(fixture.murphy.resolution, 12);
    expect(uncertainty).toBeCloseTo(fixture.murphy.uncertainty, 12);
  });

  test("calibration by ten bins, and its error", () => {
    const bins = calibrationCurve(outcomes, forecasts);
    expect(bins.length).toBe(10);
    for (const [k, bin] of bins.entries()) {
      const expected = fixture.calibration[k];
      expect(bin.count).toBe(expected?.count);
      expect(bin.meanPredicted).toBeCloseTo(expected?.meanPredicted ?? NaN, 12);
      expect(bin.observed).toBeCloseTo(expected?.observed ?? NaN, 12);
      expect(bin.interval.lower).toBeCloseTo(expected?.lower ?? NaN, 12);
      expect(bin.interval.upper).toBeCloseTo(expected?.upper ?? NaN, 12);
    }
    expect(expectedCalibrationError(outcomes, forecasts)).toBeCloseTo(fixture.ece, 12);
  });

  test("AUC and DeLong's standard error", () => {
    expect(areaUnderCurve(outcomes, forecasts)).toBeCloseTo(fixture.auc, 12);
    const { auc, standardError, lower, upper } = aucInterval(outcomes, forecasts);
    expect(auc).toBeCloseTo(fixture.auc, 12);
    expect(standardError).toBeCloseTo(fixture.aucStandardError, 12);
    expect(lower).toBeCloseTo(fixture.auc - 1.959963984540054 * fixture.aucStandardError, 12);
    expect(upper).toBeCloseTo(fixture.auc + 1.959963984540054 * fixture.aucStandardError, 12);
  });

  test("mean absolute error, root mean squared error, correlation", () => {
    expect(meanAbsoluteError(actual, predicted)).toBeCloseTo(fixture.mae, 12);
    expect(rootMeanSquaredError(actual, predicted)).toBeCloseTo(fixture.rmse, 12);
    expect(pearsonCorrelation(actual, predicted)).toBeCloseTo(fixture.correlation, 12);
  });

  test("gain by decile, ties shared out", () => {
    for (const [k, { gain, population }] of gainCurve(actual, predicted).entries()) {
      expect(gain).toBeCloseTo(fixture.gains[k] ?? NaN, 12);
      expect(topValueShare(actual, predicted, population)).toBe(gain);
    }
  });

  test("Kendall's τ-b and Harrell's C", () => {
    const { tauB, c } = concordance(actual, predicted);
    expect(tauB).toBeCloseTo(fixture.tauB, 12);
    expect(c).toBeCloseTo(fixture.harrellC, 12);
  });

  test.each(fixture.wilson)("Wilson's interval of $successes in $trials", ({ successes, trials, interval }) => {
    const { lower, upper } = wilsonInterval(successes, trials);
    expect(lower).toBeCloseTo(interval[0] ?? NaN, 12);
    expect(upper).toBeCloseTo(interval[1] ?? NaN, 12);
  });
});

/** What each measure is called with: two columns of equal length. */
type Measure = (first: readonly number[], second: readonly number[]) => unknown;

const OF_PROBABILITIES: readonly [string, Measure][] = [
  ["log loss", logLoss],
  ["Brier score", brierScore],
  ["Brier decomposition", brierDecomposition],
  ["calibration curve", calibrationCurve],
  ["calibration error", expectedCalibrationError],
];
const OF_OUTCOMES: readonly [string, Measure][] = [
  ...OF_PROBABILITIES,
  ["AUC", areaUnderCurve],
  ["AUC interval", aucInterval],
];
const OF_VALUES: readonly [string, Measure][] = [
  ["mean absolute error", meanAbsoluteError],
  ["root mean squared error", rootMeanSquaredError],
  ["correlation", pearsonCorrelation],
  ["gain curve", gainCurve],
  ["top value share", (values, scores) => topValueShare(values, scores, 0.1)],
  ["concordance", concordance],
];

describe("bad input is refused with a code", () => {
  test.each([...OF_OUTCOMES, ...OF_VALUES])("%s", (_, measure) => {
    expect(() => measure([], [])).toThrow(expect.objectContaining({ name: "InvalidInput", code: "EMPTY" }));
    expect(() => measure([0, 1], [0.5])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
    expect(() => measure([0, 1], [0.5, NaN])).toThrow(
      expect.objectContaining({ code: "NOT_FINITE", message: expect.stringContaining("[1] is NaN") }),
    );
    expect(() => measure([NaN, 1], [0.5, 0.5])).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
    expect(() => measure([0, 1], [Infinity, 0.5])).toThrow(RangeError);
  });

  test.each(OF_OUTCOMES)("%s of outcomes that are not 0 or 1", (_, measure) => {
    expect(() => measure([0, 2], [0.5, 0.5])).toThrow(expect.objectContaining({ code: "NOT_BINARY" }));
    expect(() => measure([0, 0.5], [0.5, 0.5])).toThrow(expect.objectContaining({ code: "NOT_BINARY" }));
  });

  test.each(OF_PROBABILITIES)("%s of forecasts outside 0 to 1", (_, measure) => {
    expect(() => measure([0, 1], [0.5, 1.1])).toThrow(expect.objectContaining({ code: "NOT_PROBABILITY" }));
    expect(() => measure([0, 1], [-0.1, 1])).toThrow(expect.objectContaining({ code: "NOT_PROBABILITY" }));
  });

  test("gain of values below 0, no bins, a share of customers that is none", () => {
    expect(() => gainCurve([1, -1], [1, 2])).toThrow(expect.objectContaining({ code: "NEGATIVE" }));
    expect(() => gainCurve([1, 1], [1, 2], 0)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    expect(() => topValueShare([1], [1], 1.5)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    expect(() => calibrationCurve([1], [1], 1.5)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    expect(() => brierDecomposition([1], [1], 0)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });
});

describe("the order of the rows changes nothing", () => {
  const turned = (values: readonly number[]): readonly number[] => values.toReversed();
  // Bins of equal count split ties in the order given: distinct forecasts have none.
  const distinct = forecasts.map((value, i) => (value + i / 1e5) / 2);

  test.each<readonly [string, Measure, readonly number[], readonly number[]]>([
    ["log loss", logLoss, outcomes, forecasts],
    ["Brier decomposition", brierDecomposition, outcomes, forecasts],
    ["calibration curve", calibrationCurve, outcomes, distinct],
    ["AUC interval", aucInterval, outcomes, forecasts],
    ["correlation", pearsonCorrelation, actual, predicted],
    ["gain curve", gainCurve, actual, predicted],
    ["concordance", concordance, actual, predicted],
  ])("%s", (_, measure, first, second) => {
    expect(rounded(measure(turned(first), turned(second)))).toEqual(rounded(measure(first, second)));
  });

  function rounded(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value), (_, part: unknown) =>
      typeof part === "number" ? Number(part.toPrecision(9)) : part,
    );
  }
});
