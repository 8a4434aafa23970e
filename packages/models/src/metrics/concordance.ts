import { requireFinite, requireLength } from "../requirements.ts";
import { ascendingOrder, forEachTie } from "./order.ts";

/** Pairs of rows, and how often the ranking of the predictions agrees with that of the actual values. */
export interface Concordance {
  readonly concordant: number;
  readonly discordant: number;
  /** Pairs with the same actual value, the prediction the same or not. */
  readonly tiedActual: number;
  /** Pairs with the same prediction, the actual value the same or not. */
  readonly tiedPredicted: number;
  /**
   * Harrell's C without censoring: over the pairs whose actual values differ, the share that is ranked right, the same prediction counting
   * ½. ½ is chance. Harrell et al., JAMA 247 (1982), 2543–2546. NaN where all actual values are the same.
   */
  readonly c: number;
  /** Kendall's τ-b, which takes ties out on both sides: Kendall, Biometrika 33 (1945), 239–251. NaN where a side is constant. */
  readonly tauB: number;
}

/**
 * Concordance of a ranking, in O(n log n): Knight, JASA 61 (1966), 436–439.
 *
 * @param actual values that came true
 * @param predicted values or scores in the same order of rows
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE
 */
export function concordance(actual: ArrayLike<number>, predicted: ArrayLike<number>): Concordance {
  requireFinite("actual", actual);
  requireFinite("predicted", predicted);
  requireLength("predicted", predicted, actual.length);
  // By actual value, and by prediction where that is tied: then a swap of the merge sort is a discordant pair.
  const order = ascendingOrder(actual).sort(
    (i, j) =>
      (actual[i] as number) - (actual[j] as number) || (predicted[i] as number) - (predicted[j] as number) || i - j,
  );
  const byActual = Float64Array.from(order, (i) => predicted[i] as number);
  const pairs = pairsOf(actual.length);
  const tiedActual = tiedPairs(actual);
  const tiedPredicted = tiedPairs(predicted);
  let tiedBoth = 0;
  forEachTie(actual, order, (from, to) => {
    tiedBoth += tiedPairs(byActual.subarray(from, to));
  });
  const discordant = inversions(byActual);
  const concordant = pairs - tiedActual - tiedPredicted + tiedBoth - discordant;
  const comparable = pairs - tiedActual;
  return {
    concordant,
    discordant,
    tiedActual,
    tiedPredicted,
    c: (concordant + (comparable - concordant - discordant) / 2) / comparable,
    tauB: (concordant - discordant) / (Math.sqrt(comparable) * Math.sqrt(pairs - tiedPredicted)),
  };
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

function tiedPairs(values: ArrayLike<number>): number {
  let pairs = 0;
  forEachTie(values, ascendingOrder(values), (from, to) => {
    pairs += pairsOf(to - from);
  });
  return pairs;
}

/** Pairs in which the earlier value is the larger one, counted while merging runs of doubling width. */
function inversions(values: Float64Array): number {
  let source = values.slice();
  let target = new Float64Array(values.length);
  let count = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let from = 0; from < values.length; from += 2 * width) {
      const middle = Math.min(from + width, values.length);
      const end = Math.min(from + 2 * width, values.length);
      let left = from;
      let right = middle;
      for (let to = from; to < end; to++) {
        if (right === end || (left < middle && (source[left] as number) <= (source[right] as number))) {
          target[to] = source[left++] as number;
        } else {
          target[to] = source[right++] as number;
          count += middle - left;
        }
      }
    }
    [source, target] = [target, source];
  }
  return count;
}
