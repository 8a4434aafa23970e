import type { Profile } from "@tidemark/contracts";
import { COMPLAINT_HALF_LIFE_MS, decayed } from "../decayed-sum.ts";
import { type DecayedStep, decayedStep } from "./decayed-step.ts";
import type { HazardTerm } from "./hazard-term.ts";
import type { Model } from "../model.ts";

/** By the number of complaints, each halved every 90 days. */
export const COMPLAINTS_RECENT: HazardTerm = {
  code: "COMPLAINTS_RECENT",
  logit: (profile, asOf, model) => stepOf(profile, asOf, model).logit,
  stepAt: (profile, asOf, model) => stepOf(profile, asOf, model).until,
  evidence: (profile, asOf) => ({ decayed: recentComplaints(profile, asOf), total: profile.complaints }),
};

function stepOf({ complaintsDecayed, complaintsAt }: Profile, asOf: number, { artefact }: Model): DecayedStep {
  return decayedStep(complaintsDecayed, complaintsAt, COMPLAINT_HALF_LIFE_MS, asOf, artefact.hazard.complaintSteps);
}

/** Decayed complaints as of an instant. */
export function recentComplaints(profile: Profile, asOf: number): number {
  return decayed(profile.complaintsDecayed, asOf - profile.complaintsAt, COMPLAINT_HALF_LIFE_MS);
}
