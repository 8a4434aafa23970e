import { requireBinary, requireCount, requireLength, requireProbabilities } from "../requirements.ts";
import { distinctValueBins, equalCountBins, meanOver } from "./forecast-bins.ts";

/**
 * Mean of (probability − outcome)²: 0 is perfect, the base rate's own is p(1 − p). Brier, Monthly Weather Review 78 (1950), 1–3.
 *
 * @param outcomes 0 or 1
 * @param probabilities of a 1
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NOT_BINARY, NOT_PROBABILITY
 */
export function brierScore(outcomes: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireForecasts(outcomes, probabilities);
  let total = 0;
  for (let i = 0; i < outcomes.length; i++) total += ((probabilities[i] as number) - (outcomes[i] as number)) ** 2;
  return total / outcomes.length;
}

/** brier = reliability − resolution + uncertainty + withinBins, whatever the bins. */
export interface BrierDecomposition {
  readonly brier: number;
  /** How far the bins' mean forecasts are from what came true, 0 best. */
  readonly reliability: number;
  /** How far what came true in the bins is from the base rate: high is good, at most the uncertainty. */
  readonly resolution: number;
  /** Base rate × (1 − base rate): the data's, no forecast changes it. */
  readonly uncertainty: number;
  /** 0 where each bin has one forecast; else what the bins hide: the variance of forecasts in them less twice their covariance with outcomes. */
  readonly withinBins: number;
}

/**
 * Murphy's decomposition, Journal of Applied Meteorology 12 (1973), 595–600; with bins of several forecasts the within-bin terms of
 * Stephenson, Coelho & Jolliffe, Weather and Forecasting 23 (2008), 752–757.
 *
 * @param binCount bins of equal count, ties in the order given; absent: a bin a distinct forecast
 * @throws InvalidInput as {@link brierScore}; OUT_OF_RANGE
 */
export function brierDecomposition(
  outcomes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  binCount?: number,
): BrierDecomposition {
  requireForecasts(outcomes, probabilities);
  if (binCount !== undefined) requireCount("binCount", binCount);
  const bins = binCount === undefined ? distinctValueBins(probabilities) : equalCountBins(probabilities, binCount);
  const baseRate = meanOver(
    Int32Array.from(outcomes, (_, i) => i),
    outcomes,
  );
  let reliability = 0;
  let resolution = 0;
  let withinBins = 0;
  for (const bin of bins) {
    const share = bin.length / outcomes.length;
    const forecast = meanOver(bin, probabilities);
    const observed = meanOver(bin, outcomes);
    reliability += share * (forecast - observed) ** 2;
    resolution += share * (observed - baseRate) ** 2;
    for (const i of bin) {
      const apart = (probabilities[i] as number) - forecast;
      withinBins += (apart * (apart - 2 * ((outcomes[i] as number) - observed))) / outcomes.length;
    }
  }
  const uncertainty = baseRate * (1 - baseRate);
  return { brier: brierScore(outcomes, probabilities), reliability, resolution, uncertainty, withinBins };
}

function requireForecasts(outcomes: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  requireBinary("outcomes", outcomes);
  requireProbabilities("probabilities", probabilities);
  requireLength("probabilities", probabilities, outcomes.length);
}
