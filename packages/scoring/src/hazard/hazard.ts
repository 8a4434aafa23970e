import type { Profile } from "@tidemark/contracts";
import type { Model } from "../model.ts";
import { COMPLAINT_OPEN, COMPLAINTS_RECENT } from "./complaint-count.ts";
import { ENGAGEMENT } from "./engagement.ts";
import type { HazardTerm } from "./hazard-term.ts";

/** What the model holds for all customers. */
const BASELINE: HazardTerm = {
  code: "BASELINE",
  logit: (_, __, { artefact }) => artefact.hazard.intercept,
  evidence: () => ({}),
};

/** All terms that are added to the logit of silence, in the order in which {@link hazardTerms} gives them. */
export const HAZARD_TERMS: readonly HazardTerm[] = [BASELINE, COMPLAINT_OPEN, COMPLAINTS_RECENT, ENGAGEMENT];

/** Each term as of an instant, in the order of {@link HAZARD_TERMS}. */
export function hazardTerms(profile: Profile, asOf: number, model: Model): readonly number[] {
  const terms: number[] = [];
  for (const { logit } of HAZARD_TERMS) terms.push(logit(profile, asOf, model));
  return terms;
}

/** The next instant at which any term may jump though nothing happens (H2), ms; Infinity = none. */
export function hazardStepAt(profile: Profile, asOf: number, model: Model): number {
  let next = Infinity;
  for (const { stepAt } of HAZARD_TERMS) {
    if (stepAt !== undefined) next = Math.min(next, stepAt(profile, asOf, model));
  }
  return next;
}
