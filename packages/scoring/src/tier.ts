import type { Tier, TierReason } from "@tidemark/contracts";
import type { Watch } from "./due/watch.ts";
import type { Model, TierLevel } from "./model.ts";

/*
 *              value at or above a threshold: at once, over several tiers
 *   NONE ──▶ OPTIMISATION ──▶ DEVELOPMENT ──▶ SILVER ──▶ GOLD ──▶ PLATINUM
 *    ▲            ◀────────────────◀─────────────◀─────────◀──────────┘
 *    │         value below the tier's threshold by more than the band, and the dwell over: down to the first tier whose own band holds it
 *    └──────── no purchase stands: at once
 *
 * T1 Judged again at once a tier stands. T2 Between a rise and a fall lies the whole band, whatever happens in which order: who rose at a
 * value keeps the tier at any value above the threshold less the band. T3 A tier is kept for the dwell at least before it falls.
 */

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
  readonly reason: Exclude<TierReason, "UNKNOWN">;
  readonly evidence: {
    /** Whole minor units; null for a prospect. */
    readonly expectedMinor: number | null;
    /** The value it was held against: reached (up), or fallen below (down); null for a prospect. */
    readonly boundaryMinor: number | null;
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
  const change = (to: Tier, reason: TierJudgement["reason"], boundaryMinor: number | null): TierJudgement => {
    return { from: tier, to, at: asOf, reason, evidence: { expectedMinor, boundaryMinor, keptMs } };
  };
  if (expectedMinor === null) return tier === "NONE" ? null : change("NONE", "NO_CUSTOMER", null);
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
  const reason = tier === "NONE" ? "FIRST" : level > standing ? "REACHED" : "FELL_BELOW";
  return change(to, reason, boundary ?? null);
}

/** What the value has to do, and by when, for the tier to change though nothing happens. */
export function watchTier(
  watch: Watch,
  { tier, tierSince }: TierStanding,
  asOf: number,
  { tiers, dwellMs }: Pick<Model, "tiers" | "dwellMs">,
): void {
  const level = levelOf(tier, tiers);
  const standing = tiers[level];
  const next = tiers[level + 1];
  // The tier is judged by the rounded value.
  if (next !== undefined) watch.worthReaches(next.fromMinor - 0.5, asOf);
  if (level > 0 && standing !== undefined) {
    watch.worthFallsBelow(standing.keptFromMinor - 0.5, Math.max(asOf, tierSince + dwellMs));
  }
}

/** Index among the levels; −1 for a customer who has no tier of this model. */
export function levelOf(tier: Tier, tiers: readonly TierLevel[]): number {
  for (let level = tiers.length - 1; level >= 0; level--) {
    if (tiers[level]?.tier === tier) return level;
  }
  return -1;
}
