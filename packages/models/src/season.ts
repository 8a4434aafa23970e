import { InvalidInput } from "./errors.ts";
import { requireCount, requireFinite, requireLength, requireNotNegative } from "./requirements.ts";

/** Mean length of a Gregorian year, days: the season is where the earth stands, and 1 January moves by a day at most. */
export const DAYS_PER_YEAR = 365.2425;

export interface SeasonWindow {
  /** Days from the moment on over which the season counts; 0: the moment alone. */
  readonly horizonDays: number;
  /** How many harmonics of the year: 1 tells summer from winter, 4 tell a month. */
  readonly harmonics: number;
}

/**
 * The season as regressors: cos and sin of k turns a year, k = 1…harmonics, in that order, each averaged over the horizon. What
 * happens in the next 90 days depends on the season of all of them, not of the first: ∫cos is in closed form.
 *
 * @param day days since 1970-01-01 (fractions allowed)
 * @throws InvalidInput NOT_FINITE, OUT_OF_RANGE
 */
export function seasonHarmonics(day: number, { horizonDays, harmonics }: SeasonWindow): number[] {
  requireFinite("day", [day]);
  requireCount("harmonics", harmonics);
  if (!(horizonDays >= 0 && horizonDays < Infinity)) {
    throw new InvalidInput("OUT_OF_RANGE", `horizonDays is ${horizonDays}: it must be finite and 0 or more`);
  }
  const terms: number[] = [];
  for (let k = 1; k <= harmonics; k++) {
    const turn = (2 * Math.PI * k) / DAYS_PER_YEAR;
    // The mean of cos over a window is cos at its middle, times sin(½ width)/(½ width).
    const middle = turn * (day + horizonDays / 2);
    const half = (turn * horizonDays) / 2;
    const damping = half === 0 ? 1 : Math.sin(half) / half;
    terms.push(damping * Math.cos(middle), damping * Math.sin(middle));
  }
  return terms;
}

/** {@link seasonHarmonics} of many moments as columns, 2·harmonics of them. @throws InvalidInput */
export function seasonColumns(days: ArrayLike<number>, window: SeasonWindow): Float64Array[] {
  requireFinite("days", days);
  const columns = Array.from({ length: 2 * window.harmonics }, () => new Float64Array(days.length));
  for (let i = 0; i < days.length; i++) {
    for (const [j, term] of seasonHarmonics(days[i] as number, window).entries()) {
      (columns[j] as Float64Array)[i] = term;
    }
  }
  return columns;
}

/**
 * Rate of each month of the year over the rate of the whole, January first: 1 is an average month. The mean weighted by exposure
 * is 1. A month without exposure is 1, for want of anything better.
 *
 * Exposure (customers × days, say) takes out the months' lengths and a growing base; a trend in the rate itself it does not, so
 * cover whole years.
 *
 * @param months 0 (January) to 11, one a row
 * @param amounts what happened: purchases or money, ≥ 0
 * @param exposures what it happened to, ≥ 0; amounts are 0 where it is 0
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NEGATIVE, OUT_OF_RANGE (a month, or nothing in all)
 */
export function monthlyIndex(
  months: ArrayLike<number>,
  amounts: ArrayLike<number>,
  exposures: ArrayLike<number>,
): number[] {
  requireFinite("months", months);
  requireNotNegative("amounts", amounts);
  requireLength("amounts", amounts, months.length);
  requireNotNegative("exposures", exposures);
  requireLength("exposures", exposures, months.length);
  const amount = new Float64Array(12);
  const exposure = new Float64Array(12);
  for (let i = 0; i < months.length; i++) {
    const month = months[i] as number;
    if (!Number.isInteger(month) || month < 0 || month > 11) {
      throw new InvalidInput("OUT_OF_RANGE", `months[${i}] is ${month}: it must be 0 to 11`);
    }
    amount[month] = (amount[month] as number) + (amounts[i] as number);
    exposure[month] = (exposure[month] as number) + (exposures[i] as number);
  }
  const rate = sum(amount) / sum(exposure);
  if (!(rate > 0 && rate < Infinity)) {
    throw new InvalidInput(
      "OUT_OF_RANGE",
      "the months hold no amount or no exposure: there is no rate to compare with",
    );
  }
  return Array.from(amount, (value, month) => {
    const base = exposure[month] as number;
    if (base === 0 && value > 0) {
      throw new InvalidInput("OUT_OF_RANGE", `month ${month} has an amount and no exposure`);
    }
    return base === 0 ? 1 : value / base / rate;
  });
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
