import { requireCount, requireFinite, weightsOf } from "./requirements.ts";

/**
 * A distribution in few numbers: `values[k]` is the smallest value of the sample at or below which lies at least the share k/K of
 * it, k = 0…K (the inverse of the empirical distribution function; Hyndman & Fan, The American Statistician 50 (1996), type
 * 1). Only values of the sample occur: a value that many share fills several places.
 */
export interface QuantileTable {
  readonly values: readonly number[];
}

/**
 * @param sample any finite numbers, in any order
 * @param intervals K: a looked-up percentile is within 1/K of the sample's own
 * @param weights how many times each value counts; 1 where absent
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NEGATIVE, OUT_OF_RANGE
 */
export function createQuantileTable(
  sample: ArrayLike<number>,
  intervals: number,
  weights?: ArrayLike<number>,
): QuantileTable {
  requireFinite("sample", sample);
  requireCount("intervals", intervals);
  const counts = weightsOf(weights, sample.length);
  const order = Int32Array.from(sample, (_, i) => i).filter((i) => (counts[i] as number) > 0);
  order.sort((i, j) => (sample[i] as number) - (sample[j] as number));
  let total = 0;
  for (const i of order) total += counts[i] as number;
  const values: number[] = [];
  let below = 0;
  for (const i of order) {
    below += counts[i] as number;
    // Multiplied out: k/K would round, and with whole weights this does not.
    while (values.length <= intervals && below * intervals >= values.length * total) values.push(sample[i] as number);
  }
  return { values };
}

/** The value at or below which lies the share p of the sample, to the table's next step up; NaN outside 0 ≤ p ≤ 1. */
export function quantileOf({ values }: QuantileTable, p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  // A step's own share is that step, though .07 × 100 rounds to more than 7.
  return values[Math.ceil(p * (values.length - 1) - 1e-9)] ?? NaN;
}

/**
 * Where a value stands, 0 to 1: the share of the sample below it plus half the share equal to it, so that many equal values stand
 * at the middle of their range and the sample's mean percentile is ½. Within 1/K of the sample's own.
 */
export function percentileOf({ values }: QuantileTable, value: number): number {
  if (Number.isNaN(value)) return NaN;
  const intervals = values.length - 1;
  const first = countWhere(values, (entry) => entry < value);
  const after = countWhere(values, (entry) => entry <= value);
  if (after > first) return (first + after - 1) / 2 / intervals;
  if (first === 0) return 0;
  if (first > intervals) return 1;
  const low = values[first - 1] as number;
  const high = values[first] as number;
  return (first - 1 + (value - low) / (high - low)) / intervals;
}

/** How many of the ascending numbers hold, those that do coming first. */
function countWhere(ascending: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(ascending[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
