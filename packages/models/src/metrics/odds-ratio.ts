import { type Interval, Z_95 } from "./wilson.ts";

export interface OddsRatio extends Interval {
  readonly ratio: number;
}

/** Of one group: how many had the outcome, and how many had not. */
export interface Outcomes {
  readonly yes: number;
  readonly no: number;
}

/**
 * The odds of an outcome in one group to those in another, with the interval of 95 % of its logarithm: Woolf, Annals of Human
 * Genetics 19 (1955), 251–253. The interval takes all rows for independent. NaN where one of the four counts is not above 0.
 */
export function oddsRatio(group: Outcomes, other: Outcomes): OddsRatio {
  const counts = [group.yes, group.no, other.yes, other.no];
  if (!counts.every((count) => count > 0)) return { ratio: NaN, lower: NaN, upper: NaN };
  const ratio = ((group.yes / group.no) * other.no) / other.yes;
  const reach = Math.exp(Z_95 * Math.sqrt(counts.reduce((sum, count) => sum + 1 / count, 0)));
  return { ratio, lower: ratio / reach, upper: ratio * reach };
}
