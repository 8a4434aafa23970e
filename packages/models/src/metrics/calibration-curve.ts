import { requireBinary, requireCount, requireLength, requireProbabilities } from "../requirements.ts";
import { equalCountBins, meanOver } from "./forecast-bins.ts";
import { type Interval, wilsonInterval } from "./wilson.ts";

/** One bin of forecasts and what came true in it. */
export interface CalibrationBin {
  readonly count: number;
  readonly meanPredicted: number;
  /** Share of outcomes that are 1. */
  readonly observed: number;
  /** Wilson's 95 % interval of the observed share. */
  readonly interval: Interval;
}

/**
 * Forecasts against what came true, by bins of equal count from the lowest forecasts to the highest, ties in the order given. Of n
 * rows in m bins, bin k begins at row ⌊k·n/m⌋; with fewer rows than bins a bin a row.
 *
 * @param outcomes 0 or 1
 * @param probabilities of a 1
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NOT_BINARY, NOT_PROBABILITY, OUT_OF_RANGE
 */
export function calibrationCurve(
  outcomes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  binCount = CALIBRATION_BINS,
): CalibrationBin[] {
  requireBinary("outcomes", outcomes);
  requireProbabilities("probabilities", probabilities);
  requireLength("probabilities", probabilities, outcomes.length);
  requireCount("binCount", binCount);
  return equalCountBins(probabilities, binCount).map((bin) => {
    const observed = meanOver(bin, outcomes);
    return {
      count: bin.length,
      meanPredicted: meanOver(bin, probabilities),
      observed,
      interval: wilsonInterval(observed * bin.length, bin.length),
    };
  });
}

/** Deciles, as in the field's reports. */
const CALIBRATION_BINS = 10;

/**
 * ECE, expected calibration error: the bins' distance between mean forecast and observed share, weighted by their counts, over the
 * bins of {@link calibrationCurve}. Naeini, Cooper & Hauskrecht, AAAI 2015. @throws as it
 */
export function expectedCalibrationError(
  outcomes: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  binCount = CALIBRATION_BINS,
): number {
  const bins = calibrationCurve(outcomes, probabilities, binCount);
  return bins.reduce(
    (sum, { count, meanPredicted, observed }) => sum + (count / outcomes.length) * Math.abs(meanPredicted - observed),
    0,
  );
}
