import type { Profile } from "@tidemark/contracts";
import type { Model } from "../model.ts";
import { COMPLAINTS_RECENT } from "./complaint-count.ts";
import { COMPLAINT_OPEN, COMPLAINT_OVERDUE, COMPLAINT_SEVERITY } from "./complaint-list-terms.ts";
import { CONTRACT_ENDED } from "./contract-end.ts";
import { ENGAGEMENT } from "./engagement.ts";
import { ACTIVITY_FALL, SPEND_FALL } from "./fall-terms.ts";
import type { HazardTerm } from "./hazard-term.ts";
import { PAYMENT_OVERDUE, PAYMENTS_LATE } from "./payment-terms.ts";
import { LOW_RATINGS, NEGATIVE_REVIEWS, SUPPORT_CONTACTS } from "./strain-terms.ts";

/** What the model holds for all customers. */
const BASELINE: HazardTerm = {
  code: "BASELINE",
  logit: (_, __, { artefact }) => artefact.hazard.intercept,
  evidence: () => ({}),
};

/** All terms that are added to the logit of silence, in the order in which {@link hazardTerms} gives them. */
export const HAZARD_TERMS: readonly HazardTerm[] = [
  BASELINE,
  COMPLAINT_OPEN,
  COMPLAINTS_RECENT,
  ENGAGEMENT,
  COMPLAINT_OVERDUE,
  COMPLAINT_SEVERITY,
  SUPPORT_CONTACTS,
  ACTIVITY_FALL,
  LOW_RATINGS,
  NEGATIVE_REVIEWS,
  PAYMENT_OVERDUE,
  PAYMENTS_LATE,
  SPEND_FALL,
  CONTRACT_ENDED,
];

/** Each term as of an instant, in the order of {@link HAZARD_TERMS}. */
export function hazardTerms(profile: Profile, asOf: number, model: Model): readonly number[] {
  let terms: number[] | null = null;
  for (let i = 0; i < HAZARD_TERMS.length; i++) {
    const logit = (HAZARD_TERMS[i] as HazardTerm).logit(profile, asOf, model);
    if (logit === 0) continue;
    terms ??= NO_TERMS.slice();
    terms[i] = logit;
  }
  return terms ?? NO_TERMS;
}

/** Of most customers: made once. First filled with what is no whole number, so that V8 keeps its copies as doubles. */
const NO_TERMS: readonly number[] = HAZARD_TERMS.map(() => 0.5).fill(0);

/** The next instant at which any term may jump though nothing happens (H2), ms; Infinity = none. */
export function hazardStepAt(profile: Profile, asOf: number, model: Model): number {
  let next = Infinity;
  for (const { stepAt } of HAZARD_TERMS) {
    if (stepAt !== undefined) next = Math.min(next, stepAt(profile, asOf, model));
  }
  return next;
}
