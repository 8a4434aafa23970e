import type { Profile } from "@tidemark/contracts";
import { logistic, logit } from "@tidemark/models";
import { contractOf, contractStepAt } from "./contract.ts";
import { hazardStepAt } from "./hazard/hazard.ts";
import type { Model } from "./model.ts";
import { stayRatio, type Valuation } from "./valuation.ts";

/**
 * The next instant after `asOf` at which churn or value may jump though nothing happens, ms; Infinity = none. Up to it, it excluded, each
 * part of a {@link Valuation} moves one way.
 */
export function stepsUntil(profile: Profile, asOf: number, model: Model): number {
  const contract = contractOf(profile, model.renewals);
  const hazardStep = hazardStepAt(profile, asOf, model);
  return contract === null
    ? hazardStep
    : Math.min(hazardStep, contractStepAt(contract, asOf, model.churnHorizonMs, model.valueHorizonMs));
}

/** What churn and value lie between over an interval, its ends included. */
export interface ValuationBounds {
  readonly churnMin: number;
  readonly churnMax: number;
  /** Minor units, not rounded. */
  readonly expectedMinorMin: number;
  readonly expectedMinorMax: number;
}

/**
 * Bounds between two instants without a step and without an event between them: the first before the second, and {@link stepsUntil} of the
 * first behind the second. Since each part moves one way, it lies between its values at the ends.
 */
export function valuationBounds(first: Valuation, second: Valuation): ValuationBounds {
  let hazardMin = 0;
  let hazardMax = 0;
  for (let i = 0; i < first.terms.length; i++) {
    const one = first.terms[i] ?? NaN;
    const other = second.terms[i] ?? NaN;
    hazardMin += Math.min(one, other);
    hazardMax += Math.max(one, other);
  }
  const silenceMin = Math.min(first.silence, second.silence);
  const silenceMax = Math.max(first.silence, second.silence);
  // The ratio falls with the hazard; with silence it falls where the hazard is positive and rises where it is negative.
  const stayMin = stayRatio(hazardMax > 0 ? silenceMax : silenceMin, hazardMax);
  const stayMax = stayRatio(hazardMin > 0 ? silenceMin : silenceMax, hazardMin);
  // Purchases are worth the less the later, renewals the more the nearer: each by itself.
  const clvMin =
    Math.min(first.purchasesMinor, second.purchasesMinor) + Math.min(first.renewalsMinor, second.renewalsMinor);
  const clvMax =
    Math.max(first.purchasesMinor, second.purchasesMinor) + Math.max(first.renewalsMinor, second.renewalsMinor);
  return {
    churnMin: logistic(logit(silenceMin) + hazardMin),
    churnMax: logistic(logit(silenceMax) + hazardMax),
    expectedMinorMin: clvMin * (clvMin < 0 ? stayMax : stayMin),
    expectedMinorMax: clvMax * (clvMax < 0 ? stayMin : stayMax),
  };
}
