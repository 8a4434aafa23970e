import { requireFinite, requireLength } from "../requirements.ts";

/** Mean absolute error, in the unit of the values. @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE */
export function meanAbsoluteError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  requirePairs(actual, predicted);
  let total = 0;
  for (let i = 0; i < actual.length; i++) total += Math.abs((actual[i] as number) - (predicted[i] as number));
  return total / actual.length;
}

/** Root mean squared error, in the unit of the values. @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE */
export function rootMeanSquaredError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  requirePairs(actual, predicted);
  let total = 0;
  for (let i = 0; i < actual.length; i++) total += ((actual[i] as number) - (predicted[i] as number)) ** 2;
  return Math.sqrt(total / actual.length);
}

/**
 * Pearson's correlation; NaN where either side is constant.
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE
 */
export function pearsonCorrelation(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  requirePairs(actual, predicted);
  const meanActual = mean(actual);
  const meanPredicted = mean(predicted);
  let both = 0;
  let ofActual = 0;
  let ofPredicted = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = (actual[i] as number) - meanActual;
    const p = (predicted[i] as number) - meanPredicted;
    both += a * p;
    ofActual += a * a;
    ofPredicted += p * p;
  }
  // Each root by itself: the product of the squares may overflow.
  return Math.max(-1, Math.min(1, both / (Math.sqrt(ofActual) * Math.sqrt(ofPredicted))));
}

function mean(values: ArrayLike<number>): number {
  const first = values[0] as number;
  // About the first value, so that of equal ones nothing but 0 is left.
  let total = 0;
  for (let i = 0; i < values.length; i++) total += (values[i] as number) - first;
  return first + total / values.length;
}

function requirePairs(actual: ArrayLike<number>, predicted: ArrayLike<number>): void {
  requireFinite("actual", actual);
  requireFinite("predicted", predicted);
  requireLength("predicted", predicted, actual.length);
}
