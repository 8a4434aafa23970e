import type { ChurnAlert, Lifecycle, Score, Tier, TierChange } from "@tidemark/contracts";
import type { ScoreEventBody } from "./bodies.ts";
import type { AlertEventBody, TierChangeEventBody } from "./event-bodies.ts";

/** How the pipeline's records look in JSON: tiers and stages in lower case, no tier as null, times ISO 8601 UTC. */

export function tierName(tier: Tier): ScoreEventBody["tier"] {
  switch (tier) {
    case "PLATINUM":
      return "platinum";
    case "GOLD":
      return "gold";
    case "SILVER":
      return "silver";
    case "DEVELOPMENT":
      return "development";
    case "OPTIMISATION":
      return "optimisation";
    case "NONE":
    case "UNKNOWN":
      return null;
  }
  return tier satisfies never;
}

export function lifecycleName(lifecycle: Lifecycle): ScoreEventBody["lifecycle"] {
  return lifecycle.toLowerCase() as Lowercase<Lifecycle>;
}

/** @param at ms since the epoch */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** The body of `event: score`. */
export function scoreEvent(score: Score): ScoreEventBody {
  return {
    customerId: score.customerId,
    version: score.version,
    asOf: isoTime(score.asOf),
    churn: score.churn,
    churnHorizonDays: score.churnHorizonDays,
    churnAfterLastPurchase: score.churnAfterLastPurchase,
    value: score.value,
    tier: tierName(score.tier),
    lifecycle: lifecycleName(score.lifecycle),
    reasons: [...score.reasons],
    completeness: score.completeness,
    segment: score.segment,
    turn: score.turn,
    tick: isoTime(score.tick),
    model: score.model,
  };
}

/** The body of `event: tier-change`. */
export function tierChangeEvent(change: TierChange): TierChangeEventBody {
  return {
    ...change,
    asOf: isoTime(change.asOf),
    from: tierName(change.from),
    to: tierName(change.to),
    lifecycle: lifecycleName(change.lifecycle),
    reasons: [...change.reasons],
    tick: isoTime(change.tick),
  };
}

/** The body of `event: churn-alert`. */
export function alertEvent(alert: ChurnAlert): AlertEventBody {
  return {
    ...alert,
    asOf: isoTime(alert.asOf),
    tier: tierName(alert.tier),
    lifecycle: lifecycleName(alert.lifecycle),
    reasons: [...alert.reasons],
    tick: isoTime(alert.tick),
    since: alert.since === null ? null : isoTime(alert.since),
  };
}
