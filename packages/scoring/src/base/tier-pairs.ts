import type { Tier } from "@tidemark/contracts";

/** Of the schema's symbols, by their place among them. */
const TIERS: readonly Tier[] = ["UNKNOWN", "NONE", "OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"];

/** All pairs of two tiers: what customers can move between. */
export const TIER_PAIRS: readonly { readonly from: Tier; readonly to: Tier }[] = TIERS.flatMap((from) =>
  TIERS.map((to) => ({ from, to })),
);

/** The place of a pair among {@link TIER_PAIRS}. */
export function pairIndex(from: Tier, to: Tier): number {
  return TIERS.indexOf(from) * TIERS.length + TIERS.indexOf(to);
}
