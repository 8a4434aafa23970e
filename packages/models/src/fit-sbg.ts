import { type Estimate, estimate } from "./estimate.ts";
import { InvalidInput, Unfittable } from "./errors.ts";
import type { Objective } from "./maximise.ts";
import { requireCustomers } from "./requirements.ts";
import { type SbgParameters, sbgLogLikelihood } from "./sbg.ts";
import { digamma } from "./special-functions.ts";

/** A cohort of customers under contract. */
export interface Cohort {
  /** How many left at the end of period 1, 2, … */
  readonly lost: readonly number[];
  /** How many are still there after the last of these. */
  readonly kept: number;
}

export interface SbgFit extends Estimate {
  readonly model: "sBG";
  readonly parameters: SbgParameters & Readonly<Record<string, number>>;
}

/**
 * Maximum-likelihood fit of the shifted beta-geometric model to one or more cohorts of any length.
 * @throws InvalidInput NOT_FINITE, NEGATIVE
 * @throws Unfittable TOO_FEW_CUSTOMERS, NOBODY_LEFT, NO_MAXIMUM
 */
export function fitSbg(cohorts: readonly Cohort[]): SbgFit {
  const numbers = cohorts.flatMap(({ lost, kept }) => [...lost, kept]);
  if (!numbers.every(Number.isFinite)) throw new InvalidInput("NOT_FINITE", "a number of customers is not finite");
  if (!numbers.every((number) => number >= 0)) throw new InvalidInput("NEGATIVE", "a number of customers is negative");
  const customers = sum(numbers);
  requireCustomers(customers);
  const losses = cohorts.flatMap(({ lost }) => lost);
  if (sum(losses) === 0) throw new Unfittable("NOBODY_LEFT", "nobody left: churn is 0 as far as can be seen");
  const starts = [0.3, 1, 4].flatMap((alpha) => [0.3, 1, 4].map((odds) => [alpha, alpha * odds]));
  const fit = estimate(likelihood(cohorts), ["alpha", "beta"], starts, customers);
  const { alpha = NaN, beta = NaN } = fit.parameters;
  return { model: "sBG", ...fit, parameters: { alpha, beta } };
}

function likelihood(cohorts: readonly Cohort[]): Objective {
  return (at, gradient) => {
    const [alpha = NaN, beta = NaN] = at.map(Math.exp);
    let [total, byAlpha, byBeta] = [0, 0, 0];
    for (const { lost, kept } of cohorts) {
      total += sbgLogLikelihood({ alpha, beta }, lost, kept);
      const all = sum(lost) + kept;
      byAlpha +=
        sum(lost) * digamma(alpha + 1) + kept * digamma(alpha) + all * (digamma(alpha + beta) - digamma(alpha));
      byBeta += all * (digamma(alpha + beta) - digamma(beta));
      for (const [i, count] of lost.entries()) {
        byAlpha -= count * digamma(alpha + beta + i + 1);
        byBeta += count * (digamma(beta + i) - digamma(alpha + beta + i + 1));
      }
      byAlpha -= kept * digamma(alpha + beta + lost.length);
      byBeta += kept * (digamma(beta + lost.length) - digamma(alpha + beta + lost.length));
    }
    gradient[0] = byAlpha * alpha;
    gradient[1] = byBeta * beta;
    return total;
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
