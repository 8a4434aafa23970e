import type { FitWarning } from "./errors.ts";
import { fitLogisticRegression } from "./logistic-regression.ts";
import { requireBinary, requireFinite, requireLength } from "./requirements.ts";
import { DAYS_PER_YEAR, seasonColumns, seasonHarmonics, type SeasonWindow } from "./season.ts";

/**
 * Calibration that knows the season: calibrated logit = intercept + slope·logit + season. Fitted without the season on one window, a
 * calibration carries that window's season into the next: on a seasonal shop it makes forecasts worse than none.
 */
export interface SeasonCalibration extends SeasonWindow {
  readonly intercept: number;
  readonly slope: number;
  /** Logits, by term of {@link seasonHarmonics}. */
  readonly season: readonly number[];
  readonly warnings: readonly FitWarning<"LESS_THAN_A_YEAR" | "SEPARATED" | "NOT_CONVERGED">[];
}

export interface SeasonForecasts {
  /** What the model said, in logits; clip a probability before its logit. */
  readonly logits: ArrayLike<number>;
  /** When it said so: days since 1970-01-01. */
  readonly days: ArrayLike<number>;
  /** 0 or 1: whether it came true over the horizon. */
  readonly outcomes: ArrayLike<number>;
}

/**
 * @param l2 λ ≥ 0 on slope − 1 and the season's terms: with little data the calibration stays near the model's own word
 * @throws InvalidInput as {@link fitLogisticRegression}; NOT_BINARY
 * @throws Unfittable ONE_OUTCOME; SEPARATED, SINGULAR where λ = 0
 */
export function fitSeasonCalibration(
  { logits, days, outcomes }: SeasonForecasts,
  window: SeasonWindow,
  l2: number,
): SeasonCalibration {
  requireFinite("logits", logits);
  requireBinary("outcomes", outcomes);
  requireLength("outcomes", outcomes, logits.length);
  requireLength("days", days, logits.length);
  const columns = [logits, ...seasonColumns(days, window)];
  const fit = fitLogisticRegression({ columns, outcomes, offset: logits }, { l2 });
  const [change = NaN, ...season] = fit.coefficients;
  const { intercept } = fit;
  return { ...window, intercept, slope: 1 + change, season, warnings: [...coverage(days), ...fit.warnings] };
}

/** The calibrated logit of what the model says on a day. */
export function seasonCalibratedLogit(calibration: SeasonCalibration, logit: number, day: number): number {
  const { intercept, slope, season } = calibration;
  const terms = seasonHarmonics(day, calibration);
  return season.reduce((total, coefficient, j) => total + coefficient * (terms[j] ?? NaN), intercept + slope * logit);
}

function coverage(days: ArrayLike<number>): FitWarning<"LESS_THAN_A_YEAR">[] {
  let first = Infinity;
  let last = -Infinity;
  for (let i = 0; i < days.length; i++) {
    first = Math.min(first, days[i] as number);
    last = Math.max(last, days[i] as number);
  }
  // Twelve monthly forecasts reach over eleven months: with a month's slack that is a year.
  if (last - first >= (DAYS_PER_YEAR * 11) / 12 - 1) return [];
  const message = `the forecasts reach over ${Math.round(last - first)} days: less than a year does not tell the season from a change`;
  return [{ code: "LESS_THAN_A_YEAR", message }];
}
