import type { Score, TierChange } from "@tidemark/contracts";

/** A score as the processor would emit it. */
export function scoreOf(customerId: string, version: number, more: Partial<Score> = {}): Score {
  const tick = Date.UTC(2026, 0, 31, 12);
  return {
    customerId,
    version,
    asOf: tick,
    value: { realisedMinor: 120_00, expectedMinor: 64_00, atRiskMinor: 31_00, currency: "EUR" },
    churn: 0.42,
    churnHorizonDays: 90,
    churnAfterLastPurchase: 0.31,
    tier: "SILVER",
    lifecycle: "ACTIVE",
    reasons: [{ code: "SILENCE", params: { days: 12 }, logit: -0.32 }],
    completeness: 1,
    segment: null,
    turn: version,
    tick,
    model: { name: "default", version: "1" },
    ...more,
  };
}

export function tierChangeOf(customerId: string, version: number, more: Partial<TierChange> = {}): TierChange {
  const {
    completeness: _,
    churnAfterLastPurchase: __,
    churnHorizonDays: ___,
    tier,
    ...score
  } = scoreOf(customerId, version);
  const change = { changeId: `${customerId}-${version}`, from: "NONE", to: tier, cause: "EVENT" } as const;
  return { ...score, ...change, reason: "FIRST", boundaryMinor: null, keptMs: 0, ...more };
}
