import type { Profile } from "@tidemark/contracts";
import { ACTIVITY_HALF_LIFE_MS, ENGAGEMENT_HALF_LIFE_MS } from "../decayed-sum.ts";
import type { HazardTerm } from "./hazard-term.ts";

/**
 * By how far activity of the last weeks (half-life 30 days) lies below the customer's own norm (180 days). Without activity both wear off,
 * the recent one faster, so that it rises until it is as high as it may be.
 */
export const ACTIVITY_FALL: HazardTerm = {
  code: "ACTIVITY_FALL",
  logit(profile, asOf, { artefact }) {
    const { activityFall = 0 } = artefact.hazard;
    if (activityFall === 0 || profile.activityDecayed < ACTIVITY_MIN) return 0;
    return activityFall * Math.min(ACTIVITY_FALL_MAX, Math.max(0, logActivityFall(profile, asOf) - ACTIVITY_SLACK));
  },
  evidence: (profile, asOf) => ({ ofUsual: Math.exp(-logActivityFall(profile, asOf)) }),
};

/** Below so many visits there is no norm. As of the newest one, so that nothing jumps while they wear off. */
const ACTIVITY_MIN = 5;
const ACTIVITY_SLACK = Math.log(2);
const ACTIVITY_FALL_MAX = Math.log(8);

/** ln of the usual rate over the recent one, each sum over its half-life. */
function logActivityFall({ engagementDecayed, activityDecayed, engagementAt }: Profile, asOf: number): number {
  const elapsedMs = Math.max(0, asOf - engagementAt);
  const faster = 1 / ENGAGEMENT_HALF_LIFE_MS - 1 / ACTIVITY_HALF_LIFE_MS;
  const ratio = (activityDecayed * ENGAGEMENT_HALF_LIFE_MS) / (engagementDecayed * ACTIVITY_HALF_LIFE_MS);
  return Math.log(ratio) + Math.LN2 * faster * elapsedMs;
}

/** By how far the orders of late lie below the customer's usual one. Time alone does not change it: silence is told by silence. */
export const SPEND_FALL: HazardTerm = {
  code: "SPEND_FALL",
  logit(profile, _, { artefact }) {
    const { spendFall = 0 } = artefact.hazard;
    if (spendFall === 0 || profile.purchases < PURCHASES_MIN) return 0;
    const share = recentOrderShare(profile);
    if (share >= SPEND_SLACK) return 0;
    return spendFall * Math.min(SPEND_FALL_MAX, Math.log(SPEND_SLACK / share));
  },
  evidence: (profile) => ({ ofUsual: recentOrderShare(profile) }),
};

/** Below so many purchases there is no usual order. */
const PURCHASES_MIN = 4;
const SPEND_SLACK = 2 / 3;
const SPEND_FALL_MAX = Math.log(4);

/** The mean order, newer ones weighing more, to the mean of all; 1 where it cannot be said. */
function recentOrderShare({ spendDecayed, ordersDecayed, grossMinor, purchases }: Profile): number {
  if (!(grossMinor > 0) || !(ordersDecayed > 0)) return 1;
  return Math.max(0, spendDecayed / ordersDecayed) / (grossMinor / purchases);
}
