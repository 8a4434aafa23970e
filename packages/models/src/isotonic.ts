import { requireFinite, requireLength, weightsOf } from "./requirements.ts";

/**
 * A curve that never falls: block k says `values[k]` for every score from `lower[k]` to `upper[k]`. The scores of the blocks
 * ascend and do not overlap, the values ascend strictly.
 */
export interface IsotonicFit {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly values: readonly number[];
}

/**
 * What a score between two blocks gets. "step": the value of the block below it. "linear": interpolated from the upper end of
 * the one to the lower end of the next, as scikit-learn does. Both: inside a block its value, beyond the ends the end's.
 */
export type IsotonicPrediction = "step" | "linear";

/**
 * Isotonic regression: the curve that never falls nearest to the targets in weighted squares, by pooling adjacent violators.
 * Barlow, Bartholomew, Bremner & Brunk, "Statistical Inference under Order Restrictions" (1972). Equal scores are pooled first.
 *
 * @param targets outcomes 0 or 1, or any finite numbers
 * @param weights how many times each row counts; 1 where absent
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NEGATIVE, OUT_OF_RANGE
 */
export function fitIsotonic(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights?: ArrayLike<number>,
): IsotonicFit {
  requireFinite("scores", scores);
  requireFinite("targets", targets);
  requireLength("targets", targets, scores.length);
  const counts = weightsOf(weights, scores.length);
  const blocks: Block[] = [];
  for (const point of pointsByScore(scores, targets, counts)) {
    blocks.push(point);
    pool(blocks);
  }
  return {
    lower: blocks.map((block) => block.lower),
    upper: blocks.map((block) => block.upper),
    values: blocks.map((block) => block.value),
  };
}

/** The curve's value at a score; NaN for one that is not a number. */
export function isotonicValue(fit: IsotonicFit, score: number, between: IsotonicPrediction): number {
  const { lower, upper, values } = fit;
  if (Number.isNaN(score)) return NaN;
  const next = firstAbove(lower, score);
  if (next === 0) return values[0] ?? NaN;
  const value = values[next - 1] as number;
  const end = upper[next - 1] as number;
  if (next === values.length || between === "step" || score <= end) return value;
  const share = (score - end) / ((lower[next] as number) - end);
  const following = values[next] as number;
  // Rounding must not lift the line above its end.
  return Math.min(following, value + share * (following - value));
}

interface Block {
  readonly lower: number;
  readonly upper: number;
  readonly value: number;
  readonly weight: number;
}

/** One block a distinct score, ascending; rows of weight 0 left out. */
function pointsByScore(scores: ArrayLike<number>, targets: ArrayLike<number>, weights: ArrayLike<number>): Block[] {
  const order = Int32Array.from(scores, (_, i) => i).filter((i) => (weights[i] as number) > 0);
  order.sort((i, j) => (scores[i] as number) - (scores[j] as number));
  const points: Block[] = [];
  for (const i of order) {
    const score = scores[i] as number;
    const point = { lower: score, upper: score, value: targets[i] as number, weight: weights[i] as number };
    const last = points.at(-1);
    if (last?.lower === score) points[points.length - 1] = merged(last, point);
    else points.push(point);
  }
  return points;
}

/** Merges the last block into those before it until the values ascend. */
function pool(blocks: Block[]): void {
  for (;;) {
    const last = blocks.at(-1);
    const before = blocks.at(-2);
    if (last === undefined || before === undefined || before.value < last.value) return;
    blocks.splice(-2, 2, merged(before, last));
  }
}

function merged(a: Block, b: Block): Block {
  const weight = a.weight + b.weight;
  // Equal values stay the same to the last bit, so that a fit of a fit is the fit.
  const value = a.value === b.value ? a.value : a.value + (b.value - a.value) * (b.weight / weight);
  return { lower: a.lower, upper: b.upper, value, weight };
}

/** How many of the ascending numbers are ≤ x, which is the index of the first above it. */
function firstAbove(ascending: readonly number[], x: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
