import { fitLogisticRegression } from "./logistic-regression.ts";
import { logistic } from "./logistic.ts";
import { requireBinary, requireFinite, requireLength, weightsOf } from "./requirements.ts";

/** P = 1/(1 + e^−(slope·z + intercept)) of a score z in logits. */
export interface PlattScaling {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Platt scaling: a logistic curve from scores to probabilities, fitted to smoothed targets, (N₊ + 1)/(N₊ + 2) in place of 1 and
 * 1/(N₋ + 2) in place of 0, so that scores which part the outcomes still give a finite slope. Platt, "Probabilistic Outputs
 * for Support Vector Machines" (1999), eq. 3; N± are sums of weights.
 *
 * @param scores logits, not probabilities
 * @param outcomes 0 or 1
 * @param weights how many times each row counts; 1 where absent
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NOT_BINARY, NEGATIVE, OUT_OF_RANGE
 * @throws Unfittable SINGULAR where all scores are the same
 */
export function fitPlatt(
  scores: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  weights?: ArrayLike<number>,
): PlattScaling {
  requireFinite("scores", scores);
  requireBinary("outcomes", outcomes);
  requireLength("outcomes", outcomes, scores.length);
  const counts = weightsOf(weights, scores.length);
  let positive = 0;
  let negative = 0;
  for (let i = 0; i < outcomes.length; i++) {
    if (outcomes[i] === 1) positive += counts[i] as number;
    else negative += counts[i] as number;
  }
  const high = (positive + 1) / (positive + 2);
  const low = 1 / (negative + 2);
  const targets = Float64Array.from(outcomes, (outcome) => (outcome === 1 ? high : low));
  const { intercept, coefficients } = fitLogisticRegression({ columns: [scores], outcomes: targets, weights: counts });
  return { slope: coefficients[0] ?? NaN, intercept };
}

/** The probability that a score in logits stands for. */
export function plattProbability({ slope, intercept }: PlattScaling, score: number): number {
  return logistic(slope * score + intercept);
}
