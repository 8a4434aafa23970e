import type { InputRefusal, Interaction, InteractionKind, Profile } from "@tidemark/contracts";
import { addDecayed, ENGAGEMENT_HALF_LIFE_MS } from "./decayed-sum.ts";

/** Counts the interaction, and its engagement if it is the customer's own doing. */
export function applyInteraction(profile: Profile, interaction: Interaction, at: number): InputRefusal | null {
  const { index, engagement } = KINDS[interaction.kind];
  const { interactions } = profile;
  while (interactions.length <= index) interactions.push(0);
  interactions[index] = (interactions[index] ?? 0) + 1;
  const value = engagement * interaction.weight;
  if (value > 0) {
    profile.engagementDecayed = addDecayed(
      profile.engagementDecayed,
      profile.engagementAt,
      value,
      at,
      ENGAGEMENT_HALF_LIFE_MS,
    );
    if (at > profile.engagementAt) profile.engagementAt = at;
  }
  return null;
}

/** Where a kind is counted in `interactions`: its place among the symbols of the schema, which only ever grows at its end. */
export function interactionIndex(kind: InteractionKind): number {
  return KINDS[kind].index;
}

/** Kinds that are the customer's own doing. */
export const OWN_KINDS: readonly InteractionKind[] = [
  "VISIT",
  "SEARCH",
  "CART",
  "EMAIL_OPEN",
  "EMAIL_CLICK",
  "FEEDBACK",
  "REVIEW",
  "REFERRAL",
  "SUBSCRIBE",
  "RENEW",
  "SERVICE_USE",
  "MEMBERSHIP",
  "SUGGESTION",
];

interface KindRule {
  readonly index: number;
  /** Worth in visits, as a sign that the customer is there. Part of the profile's format: sums already made keep the old one. */
  readonly engagement: number;
}

const KINDS: Readonly<Record<InteractionKind, KindRule>> = {
  UNKNOWN: { index: 0, engagement: 0 },
  VISIT: { index: 1, engagement: 1 },
  SEARCH: { index: 2, engagement: 1 },
  CART: { index: 3, engagement: 2 },
  EMAIL_OPEN: { index: 4, engagement: 0.5 },
  EMAIL_CLICK: { index: 5, engagement: 1 },
  // Done to the customer, not by him.
  CAMPAIGN_EXPOSURE: { index: 6, engagement: 0 },
  // As likely a sign of trouble as of interest.
  SUPPORT: { index: 7, engagement: 0 },
  FEEDBACK: { index: 8, engagement: 1 },
  REVIEW: { index: 9, engagement: 1 },
  REFERRAL: { index: 10, engagement: 2 },
  SUBSCRIBE: { index: 11, engagement: 2 },
  RENEW: { index: 12, engagement: 2 },
  UNSUBSCRIBE: { index: 13, engagement: 0 },
  BALANCE: { index: 14, engagement: 0 },
  SERVICE_USE: { index: 15, engagement: 1 },
  MEMBERSHIP: { index: 16, engagement: 2 },
  SUGGESTION: { index: 17, engagement: 1 },
};
