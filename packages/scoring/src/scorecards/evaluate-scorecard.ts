import type { Artefact } from "../artefact.ts";
import type { IndicatorValues } from "../indicators/catalogue.ts";
import type { Bins, Dimension, Grade, Scorecard, ScorecardItem } from "./scorecard.ts";

/** What a scorecard says of one customer, with what it follows from. */
export interface ScorecardResult {
  readonly scorecard: string;
  readonly version: number;
  /** Weighted mean of the dimensions that are known, 0 to 100; null = none is. */
  readonly points: number | null;
  /** null where less is known than the scorecard asks for. */
  readonly grade: string | null;
  /** Share of the weights whose value is known, 0 to 1. */
  readonly completeness: number;
  readonly dimensions: readonly DimensionResult[];
}

export interface DimensionResult {
  readonly name: string;
  /** Weighted mean of the items that are known. */
  readonly points: number | null;
  readonly completeness: number;
  readonly items: readonly {
    readonly indicator: string;
    readonly value: number | null;
    readonly points: number | null;
  }[];
}

/**
 * Judges a customer by a scorecard. An item that is not known is left out and the others weigh the more: unknown is neither good nor bad.
 * @param values as `indicatorsOf` gives them
 * @param base of the model artefact: without it, items with quantile bins are not known
 */
export function evaluateScorecard(
  scorecard: Scorecard,
  values: IndicatorValues,
  base: Artefact["base"],
): ScorecardResult {
  const dimensions = scorecard.dimensions.map((dimension) => evaluateDimension(dimension, values, base));
  const weights = scorecard.dimensions.map(({ weight }) => weight);
  const points = weightedMean(
    dimensions.map((dimension) => dimension.points),
    weights,
  );
  const completeness = weightedMean(
    dimensions.map((dimension) => dimension.completeness),
    weights,
  );
  const isKnown = points !== null && (completeness ?? 0) >= scorecard.completenessMin;
  return {
    scorecard: scorecard.name,
    version: scorecard.version,
    points,
    grade: isKnown ? (scorecard.grades.find((grade) => holds(grade, points, dimensions, 0))?.grade ?? null) : null,
    completeness: completeness ?? 0,
    dimensions,
  };
}

function evaluateDimension(
  { name, items }: Dimension,
  values: IndicatorValues,
  base: Artefact["base"],
): DimensionResult {
  const results = items.map(({ indicator, bins }) => {
    const value = values[indicator];
    const number = typeof value === "number" ? value : null;
    return { indicator, value: number, points: number === null ? null : pointsOf(number, indicator, bins, base) };
  });
  const weights = items.map(({ weight }: ScorecardItem) => weight);
  return {
    name,
    points: weightedMean(
      results.map(({ points }) => points),
      weights,
    ),
    completeness:
      weightedMean(
        results.map(({ points }) => Number(points !== null)),
        weights,
      ) ?? 0,
    items: results,
  };
}

function pointsOf(value: number, indicator: string, bins: Bins, base: Artefact["base"]): number | null {
  const quantiles =
    base !== undefined && Object.hasOwn(base.quantiles, indicator) ? base.quantiles[indicator] : undefined;
  const cuts = bins.kind === "fixed" ? bins.cuts : quantiles;
  // Of other quantiles than the scorecard means nothing follows.
  if (cuts?.length !== bins.points.length - 1) return null;
  return bins.points[cuts.filter((cut) => reaches(value, cut)).length] ?? null;
}

/** A mean of equal marks may be a rounding below them, and must not fall into another bin for it, or for the order in which they came. */
export function reaches(value: number, cut: number): boolean {
  return value >= cut - ROUNDING * Math.max(1, Math.abs(cut));
}

const ROUNDING = 1e-9;

/** Whether a grade is still held by who has it: each of its bounds is moved by a share of itself. @param band 0 to 1 */
export function isKept(grade: Grade, { points, dimensions }: ScorecardResult, band: number): boolean {
  return points !== null && holds(grade, points, dimensions, band);
}

function holds(
  { from, when = [] }: Grade,
  points: number,
  dimensions: readonly DimensionResult[],
  band: number,
): boolean {
  if (from !== undefined && !reaches(points, from * (1 - band))) return false;
  return when.every((condition) => {
    const of = dimensions.find(({ name }) => name === condition.dimension)?.points ?? null;
    const { from: least, below } = condition;
    if (of === null || (least !== undefined && !reaches(of, least * (1 - band)))) return false;
    return below === undefined || !reaches(of, below * (1 + band));
  });
}

/** Over the values that are known; null if none is. */
function weightedMean(values: readonly (number | null)[], weights: readonly number[]): number | null {
  let sum = 0;
  let total = 0;
  for (const [i, value] of values.entries()) {
    const weight = weights[i] ?? 0;
    if (value === null) continue;
    sum += weight * value;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
