import type { Profile } from "@tidemark/contracts";
import { decayed, ENGAGEMENT_HALF_LIFE_MS } from "../decayed-sum.ts";
import type { HazardTerm } from "./hazard-term.ts";

/** By what the customer did of his own accord: it wears off towards 0. */
export const ENGAGEMENT: HazardTerm = {
  code: "ENGAGEMENT",
  logit: (profile, asOf, { artefact }) => artefact.hazard.engagement * Math.log1p(recentEngagement(profile, asOf)),
  evidence: (profile, asOf) => ({ decayed: recentEngagement(profile, asOf) }),
};

/** Decayed engagement as of an instant. */
export function recentEngagement(profile: Profile, asOf: number): number {
  return decayed(profile.engagementDecayed, asOf - profile.engagementAt, ENGAGEMENT_HALF_LIFE_MS);
}
