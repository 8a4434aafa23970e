import type { Profile } from "@tidemark/contracts";
import { COMPLAINT_HALF_LIFE_MS, decayed } from "../decayed-sum.ts";
import { type DecayedStep, decayedStep } from "./decayed-step.ts";
import type { HazardTerm } from "./hazard-term.ts";

/** While a complaint is open. */
export const COMPLAINT_OPEN: HazardTerm = {
  code: "COMPLAINT_OPEN",
  logit: ({ complaintsOpen }, _, { artefact }) => (complaintsOpen > 0 ? artefact.hazard.complaintOpen : 0),
  evidence: ({ complaintsOpen }) => ({ open: complaintsOpen }),
};

/** By the number of complaints, each halved every 90 days. */
export const COMPLAINTS_RECENT: HazardTerm = {
  code: "COMPLAINTS_RECENT",
  logit: (profile, asOf, { artefact }) => stepOf(profile, asOf, artefact.hazard.complaintSteps).logit,
  stepAt: (profile, asOf, { artefact }) => stepOf(profile, asOf, artefact.hazard.complaintSteps).until,
  evidence: (profile, asOf) => ({ decayed: recentComplaints(profile, asOf), total: profile.complaints }),
};

function stepOf(
  { complaintsDecayed, complaintsAt }: Profile,
  asOf: number,
  steps: Parameters<typeof decayedStep>[4],
): DecayedStep {
  return decayedStep(complaintsDecayed, complaintsAt, COMPLAINT_HALF_LIFE_MS, asOf, steps);
}

/** Decayed complaints as of an instant. */
export function recentComplaints(profile: Profile, asOf: number): number {
  return decayed(profile.complaintsDecayed, asOf - profile.complaintsAt, COMPLAINT_HALF_LIFE_MS);
}
