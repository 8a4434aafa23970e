import { expect, test } from "vitest";
import { logistic, logit } from "./logistic.ts";
import { brierScore } from "./metrics/brier.ts";
import { fitPlatt, plattProbability } from "./platt.ts";
import { fitSeasonCalibration, seasonCalibratedLogit, type SeasonForecasts } from "./season-calibration.ts";

const WINDOW = { horizonDays: 90, harmonics: 1 };
const YEAR = 365.2425;

/**
 * A shop that sells most about 1 January: forecasts once in 30 days know the customer and not the season. Outcomes are laid out by
 * share, not drawn: of 100 customers alike as many are silent as the truth says.
 */
function forecasts(fromDay: number, untilDay: number, strength: number): SeasonForecasts {
  const logits: number[] = [];
  const days: number[] = [];
  const outcomes: number[] = [];
  for (let day = fromDay; day <= untilDay; day += 30) {
    for (const customer of [-1.5, -0.5, 0.5, 1.5]) {
      const silent = logistic(customer - strength * Math.cos((2 * Math.PI * (day + 45)) / YEAR));
      for (let i = 0; i < 100; i++) {
        logits.push(customer);
        days.push(day);
        outcomes.push(i < Math.round(100 * silent) ? 1 : 0);
      }
    }
  }
  return { logits, days, outcomes };
}

const years = forecasts(0, 3 * YEAR, 0.8);

test("finds the season that is there", () => {
  const calibration = fitSeasonCalibration(years, WINDOW, 0);
  expect(calibration.warnings).toEqual([]);
  expect(calibration.slope).toBeCloseTo(1, 1);
  expect(calibration.intercept).toBeCloseTo(0, 1);
  // Over 90 days cos is damped to sin(φ)/φ of itself, φ = 45 days' turn.
  const phi = (2 * Math.PI * 45) / YEAR;
  expect((calibration.season[0] ?? NaN) * (Math.sin(phi) / phi)).toBeCloseTo(-0.8, 1);
  expect(calibration.season[1]).toBeCloseTo(0, 1);
  // In the middle of the season it takes .8 off, half a year away it adds as much.
  expect(seasonCalibratedLogit(calibration, 0.5, 10 * YEAR - 45)).toBeCloseTo(0.5 - 0.8, 1);
  expect(seasonCalibratedLogit(calibration, 0.5, 10.5 * YEAR - 45)).toBeCloseTo(0.5 + 0.8, 1);
});

test("a calibration on the window before makes forecasts worse, a calibration that knows the season better", () => {
  const before = forecasts(3 * YEAR - 240, 3 * YEAR - 150, 0.8);
  const next = forecasts(3 * YEAR - 60, 3 * YEAR + 30, 0.8);
  const forecast = Array.from(next.logits, logistic);
  const scaling = fitPlatt(before.logits, before.outcomes);
  const recalibrated = Array.from(next.logits, (value) => plattProbability(scaling, value));
  const past = forecasts(0, 3 * YEAR - 150, 0.8);
  const calibration = fitSeasonCalibration(past, WINDOW, 0);
  const seasonal = Array.from(next.logits, (value, i) =>
    logistic(seasonCalibratedLogit(calibration, value, next.days[i] ?? NaN)),
  );
  const raw = brierScore(next.outcomes, forecast);
  expect(brierScore(next.outcomes, recalibrated)).toBeGreaterThan(raw + 0.01);
  expect(brierScore(next.outcomes, seasonal)).toBeLessThan(raw - 0.01);
});

test("the heavier the penalty, the nearer to the model's own word", () => {
  const calibration = fitSeasonCalibration(years, WINDOW, 1e9);
  expect(calibration.slope).toBeCloseTo(1, 4);
  for (const term of calibration.season) expect(term).toBeCloseTo(0, 4);
  expect(seasonCalibratedLogit(calibration, logit(0.3), 1234)).toBeCloseTo(logit(0.3) + calibration.intercept, 4);
});

test("less than a year of forecasts is warned of, a year of monthly ones is not", () => {
  const short = fitSeasonCalibration(forecasts(0, 180, 0.8), WINDOW, 1);
  expect(short.warnings).toMatchObject([{ code: "LESS_THAN_A_YEAR", message: expect.stringContaining("180 days") }]);
  const twelveMonths = { logits: [0, 0, 0, 0], days: [0, 334, 0, 334], outcomes: [0, 0, 1, 1] };
  expect(fitSeasonCalibration(twelveMonths, WINDOW, 1).warnings).toEqual([]);
});

test("bad input is refused", () => {
  const good = { logits: [0, 1], days: [0, 300], outcomes: [0, 1] };
  const refusal =
    (change: Partial<SeasonForecasts>): (() => unknown) =>
    () =>
      fitSeasonCalibration({ ...good, ...change }, WINDOW, 1);
  expect(refusal({ logits: [0, Infinity] })).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(refusal({ logits: [0] })).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(refusal({ days: [0] })).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(refusal({ outcomes: [0, 0.5] })).toThrow(expect.objectContaining({ code: "NOT_BINARY" }));
  expect(refusal({ outcomes: [1, 1] })).toThrow(expect.objectContaining({ code: "ONE_OUTCOME" }));
});
