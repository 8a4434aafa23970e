import type { Tier } from "@tidemark/contracts";
import type { Model, TierLevel } from "./model.ts";

/** A tier and when it came into force, ms; NONE for a prospect. */
export interface TierStanding {
  readonly tier: Tier;
  readonly tierSince: number;
}

/** A change of tier and why. */
export interface TierJudgement {
  readonly from: Tier;
  readonly to: Tier;
  readonly at: number;
  readonly evidence: {
    /** Whole minor units; null for a prospect. */
    readonly expectedMinor: number | null;
    /** The value it was held against: reached (up), or fallen below (down). */
    readonly boundaryMinor: number;
    /** How long the tier before was kept, ms. */
    readonly keptMs: number;
  };
}

/**
 * Up as soon as a threshold is reached; down when the value lies more than the band below the threshold, and not before the dwell is over.
 * A fall stops at the first tier whose own band still holds the value, so that it does not come back up within a band.
 * @param expectedMinor whole minor units, as the score says it; null for a prospect, who has no tier
 * @returns null where nothing changes
 */
export function judgeTier(
  { tier, tierSince }: TierStanding,
  expectedMinor: number | null,
  asOf: number,
  model: Pick<Model, "tiers" | "dwellMs">,
): TierJudgement | null {
  const { tiers, dwellMs } = model;
  const keptMs = tierSince === 0 ? 0 : asOf - tierSince;
  const change = (to: Tier, boundaryMinor: number): TierJudgement => {
    return { from: tier, to, at: asOf, evidence: { expectedMinor, boundaryMinor, keptMs } };
  };
  if (expectedMinor === null) return tier === "NONE" ? null : change("NONE", 0);
  const standing = levelOf(tier, tiers);
  let level = standing;
  while (expectedMinor >= (tiers[level + 1]?.fromMinor ?? Infinity)) level++;
  if (level === standing && level > 0) {
    if (asOf < tierSince + dwellMs) return null;
    while (level > 0 && expectedMinor < (tiers[level]?.keptFromMinor ?? -Infinity)) level--;
  }
  // A model without tiers has none to give.
  const to = tiers[Math.max(level, 0)]?.tier ?? "NONE";
  if (to === tier) return null;
  const boundary = level > standing ? tiers[level]?.fromMinor : tiers[standing]?.keptFromMinor;
  return change(to, boundary ?? 0);
}

/** Index among the levels; −1 for a customer who has no tier of this model. */
export function levelOf(tier: Tier, tiers: readonly TierLevel[]): number {
  for (let level = tiers.length - 1; level >= 0; level--) {
    if (tiers[level]?.tier === tier) return level;
  }
  return -1;
}
