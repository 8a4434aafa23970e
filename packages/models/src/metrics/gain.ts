import { InvalidInput } from "../errors.ts";
import { requireCount, requireFinite, requireLength, requireNotNegative } from "../requirements.ts";
import { ascendingOrder, forEachTie } from "./order.ts";

/** A group of customers of equal size, the first holding those with the highest scores. */
export interface GainGroup {
  /** Share of all customers from the best to the end of this group. */
  readonly population: number;
  /** Share of all value that they hold: the gain. 1 in the last group. */
  readonly gain: number;
  /** Mean value of this group's customers over the mean of all. */
  readonly lift: number;
  /** Mean value of the customers up to this group's end over the mean of all. */
  readonly cumulativeLift: number;
}

/**
 * Gain and lift by groups of equal size, deciles say, ranked by score, best first. Of n customers in m groups, group k ends with customer
 * ⌊k·n/m⌋; with fewer customers than groups a group a customer. Customers with the same score stand for each other: each counts
 * with the mean value of them all, so that the order of the rows does not matter.
 *
 * @param values what is to be captured, ≥ 0: money, purchases, or 0 and 1
 * @param scores any finite numbers; the highest are looked at first
 * @returns gain and lift NaN where the values add up to 0
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NEGATIVE, OUT_OF_RANGE
 */
export function gainCurve(values: ArrayLike<number>, scores: ArrayLike<number>, groups = 10): GainGroup[] {
  requireCount("groups", groups);
  const captured = capturedBy(values, scores);
  const count = Math.min(groups, values.length);
  const ends = Array.from({ length: count + 1 }, (_, k) => Math.floor((k * values.length) / count));
  return ends.slice(1).map((end, k) => {
    const start = ends[k] as number;
    const population = end / values.length;
    const gain = captured(end);
    const lift = ((gain - captured(start)) * values.length) / (end - start);
    return { population, gain, lift, cumulativeLift: gain / population };
  });
}

/**
 * Share of all value held by the customers with the highest scores: .1 for the top decile. Whole customers, as many as do not exceed that
 * share of them; the same score as in {@link gainCurve}. NaN where the values add up to 0.
 *
 * @param population the share of customers looked at, 0 to 1
 * @throws InvalidInput as {@link gainCurve}
 */
export function topValueShare(values: ArrayLike<number>, scores: ArrayLike<number>, population: number): number {
  if (!(population >= 0 && population <= 1)) {
    throw new InvalidInput("OUT_OF_RANGE", `population is ${population}: it must be between 0 and 1`);
  }
  // .29 × 100 rounds to less than 29.
  return capturedBy(values, scores)(Math.floor(population * values.length + 1e-9));
}

/** Share of the value by the number of customers looked at. */
function capturedBy(values: ArrayLike<number>, scores: ArrayLike<number>): (count: number) => number {
  requireNotNegative("values", values);
  requireFinite("scores", scores);
  requireLength("scores", scores, values.length);
  const order = ascendingOrder(scores).reverse();
  const sums = new Float64Array(values.length + 1);
  let total = 0;
  forEachTie(scores, order, (from, to) => {
    let tied = 0;
    for (let at = from; at < to; at++) tied += values[order[at] as number] as number;
    for (let at = from + 1; at < to; at++) sums[at] = total + (tied * (at - from)) / (to - from);
    total += tied;
    sums[to] = total;
  });
  return (count) => (sums[count] as number) / total;
}
