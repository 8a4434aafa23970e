import { requireBinary, requireFinite, requireLength } from "../requirements.ts";
import { midranks } from "./order.ts";
import { type Interval, Z_95 } from "./wilson.ts";

/**
 * Area under the ROC curve: P(a 1 scores above a 0) + ½ P(they score the same), the Mann–Whitney statistic over the number of pairs.
 * Bamber, Journal of Mathematical Psychology 12 (1975), 387–415. NaN where all outcomes are the same.
 *
 * @param outcomes 0 or 1
 * @param scores any finite numbers that rise with the chance of a 1
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NOT_BINARY
 */
export function areaUnderCurve(outcomes: ArrayLike<number>, scores: ArrayLike<number>): number {
  requireScores(outcomes, scores);
  const ranks = midranks(scores);
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < outcomes.length; i++) {
    if (outcomes[i] !== 1) continue;
    positives++;
    rankSum += ranks[i] as number;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (outcomes.length - positives));
}

export interface AucInterval extends Interval {
  readonly auc: number;
  readonly standardError: number;
}

/**
 * AUC with the 95 % interval of DeLong, DeLong & Clarke-Pearson, Biometrics 44 (1988), 837–845: auc ± 1.96 standard errors, cut off at
 * 0 and 1, computed from ranks (Sun & Xu, IEEE Signal Processing Letters 21 (2014), 1389–1393). The interval is NaN where an
 * outcome occurs less than twice, and of no width where the scores part the outcomes: it is asymptotic.
 *
 * @throws InvalidInput as {@link areaUnderCurve}
 */
export function aucInterval(outcomes: ArrayLike<number>, scores: ArrayLike<number>): AucInterval {
  const auc = areaUnderCurve(outcomes, scores);
  const rows = Int32Array.from(outcomes, (_, i) => i);
  const ofPositives = rows.filter((i) => outcomes[i] === 1);
  const ofNegatives = rows.filter((i) => outcomes[i] === 0);
  const ranks = midranks(scores);
  // Of each row: how many rows of the other outcome it beats, ties counting half; as a share of them, its placement.
  const variance =
    placementVariance(ofPositives, scores, ranks, ofNegatives.length) / ofPositives.length +
    placementVariance(ofNegatives, scores, ranks, ofPositives.length) / ofNegatives.length;
  const standardError = Math.sqrt(variance);
  const reach = Z_95 * standardError;
  return { auc, standardError, lower: Math.max(0, auc - reach), upper: Math.min(1, auc + reach) };
}

function placementVariance(rows: Int32Array, scores: ArrayLike<number>, ranks: Float64Array, others: number): number {
  const own = midranks(Float64Array.from(rows, (i) => scores[i] as number));
  const placements = Float64Array.from(rows, (i, at) => ((ranks[i] as number) - (own[at] as number)) / others);
  const mean = placements.reduce((sum, value) => sum + value, 0) / rows.length;
  return placements.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows.length - 1);
}

function requireScores(outcomes: ArrayLike<number>, scores: ArrayLike<number>): void {
  requireBinary("outcomes", outcomes);
  requireFinite("scores", scores);
  requireLength("scores", scores, outcomes.length);
}
