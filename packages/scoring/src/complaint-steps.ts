import type { Profile } from "@tidemark/contracts";
import type { Hazard } from "./artefact.ts";
import { COMPLAINT_HALF_LIFE_MS, decayed } from "./decayed-sum.ts";

export interface ComplaintStep {
  readonly logit: number;
  /** The first ms at which the decayed complaints have fallen below this step; Infinity where there is none. */
  readonly until: number;
}

/**
 * The step that recent complaints stand on. It is decided by comparing instants, not decayed sums, so that the instant
 * at which a step is left is exact to the ms: a timer set to it finds it left.
 */
export function complaintStep(
  { complaintsDecayed, complaintsAt }: Profile,
  asOf: number,
  steps: Hazard["complaintSteps"],
): ComplaintStep {
  if (complaintsDecayed <= 0) return NO_STEP;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    if (step === undefined || complaintsDecayed < step.from) continue;
    const until = Math.ceil(complaintsAt + COMPLAINT_HALF_LIFE_MS * Math.log2(complaintsDecayed / step.from));
    if (asOf < until) return { logit: step.logit, until };
  }
  return NO_STEP;
}

const NO_STEP: ComplaintStep = { logit: 0, until: Infinity };

/** Decayed complaints as of an instant. */
export function recentComplaints(profile: Profile, asOf: number): number {
  return decayed(profile.complaintsDecayed, asOf - profile.complaintsAt, COMPLAINT_HALF_LIFE_MS);
}
