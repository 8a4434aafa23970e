import type { ScoreEventBody } from "./bodies.ts";
import type { AlertEventBody, TierChangeEventBody } from "./event-bodies.ts";

/** An event of each live stream, as the description of the interface shows it. */

const score: ScoreEventBody = {
  customerId: "c-42",
  version: 7,
  asOf: "2026-01-31T12:00:00.000Z",
  churn: 0.74,
  churnHorizonDays: 90,
  churnAfterLastPurchase: 0.31,
  value: { realisedMinor: 12_000, expectedMinor: 6400, atRiskMinor: 4736, currency: "EUR" },
  tier: "silver",
  lifecycle: "slipping",
  reasons: [
    {
      code: "SILENCE",
      params: { silentDays: 81, purchaseDays: 5, horizonDays: 90, probability: 0.74 },
      logit: 1.046,
    },
  ],
  completeness: 1,
  segment: null,
  turn: 1234,
  tick: "2026-01-31T12:00:00.000Z",
  model: { name: "default", version: "1" },
};

const { churnHorizonDays: _, churnAfterLastPurchase: __, completeness: ___, tier, ...evidence } = score;

const tierChange: TierChangeEventBody = {
  ...evidence,
  changeId: "2f2e160859394d3bfda23a071fb91716",
  from: "gold",
  to: tier,
  cause: "TIME",
  reason: "FELL_BELOW",
  boundaryMinor: 7500,
  keptMs: 2_592_000_000,
};

const alert: AlertEventBody = {
  ...evidence,
  alertId: "9b3e6d12c0a74f55d1c8420e6a7f3b90",
  tier,
  kind: "CHURN",
  state: "RAISED",
  severity: "MEDIUM",
  band: 0.7,
  subject: null,
  cause: "TIME",
  since: null,
  amountMinor: null,
};

/** As they come over the wire, by their `event:`. */
export const EVENT_EXAMPLES = {
  score: frameOf("score", score),
  "tier-change": frameOf("tier-change", tierChange),
  "churn-alert": frameOf("churn-alert", alert),
} as const;

function frameOf(event: string, body: object): string {
  return `id: 0:123,1:98\nevent: ${event}\ndata: ${JSON.stringify(body)}\n\n`;
}
