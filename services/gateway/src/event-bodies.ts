import { z } from "zod";
import { instant, minor, probability, scoreEventBody, tier } from "./bodies.ts";

const evidence = scoreEventBody.pick({
  customerId: true,
  value: true,
  churn: true,
  lifecycle: true,
  reasons: true,
  segment: true,
  turn: true,
  tick: true,
  model: true,
});

const cause = z
  .enum(["UNKNOWN", "EVENT", "TIME", "MODEL"])
  .describe("EVENT: something happened; TIME: nothing happened for long enough; MODEL: another model came into force.");

/** Of `event: tier-change`. */
export const tierChangeEventBody = evidence.extend({
  changeId: z.string().describe("The same where the change is made again."),
  version: z.int().describe("Of the score that brought the change."),
  asOf: instant.describe("The moment it was judged as of."),
  from: tier.describe("null: the customer had none."),
  to: tier.describe("null: the customer has none any more."),
  cause,
  reason: z
    .enum(["UNKNOWN", "FIRST", "REACHED", "FELL_BELOW", "NO_CUSTOMER"])
    .describe(
      "FIRST: the customer had none; REACHED, FELL_BELOW: the expected value did, of `boundaryMinor`; NO_CUSTOMER: no purchase stands any more.",
    ),
  boundaryMinor: minor.nullable().describe("What the expected value was held against."),
  keptMs: z.number().describe("How long the tier before was kept."),
});

/** Of `event: churn-alert`. */
export const alertEventBody = evidence.extend({
  alertId: z.string().describe("The same when it is raised and when it is cleared."),
  version: z.int().describe("Of the score that brought the alert."),
  asOf: instant.describe("The moment it was judged as of."),
  kind: z.enum(["UNKNOWN", "CHURN", "LOSS_MAKING", "NEGATIVE_REVIEW", "COMPLAINT_OVERDUE", "PAYMENT_OVERDUE"]),
  state: z.enum(["UNKNOWN", "RAISED", "CLEARED"]),
  severity: z.enum(["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]),
  band: probability.nullable().describe("CHURN: the band that was crossed."),
  subject: z
    .string()
    .nullable()
    .describe("Fingerprint of the id of the complaint, order or review; of an order without one the time it was made."),
  cause,
  since: instant.nullable().describe("When the complaint was opened, the payment was due, the review was written."),
  amountMinor: minor.nullable().describe("PAYMENT_OVERDUE: what is owed; LOSS_MAKING: the profit."),
  tier,
});

export type TierChangeEventBody = z.infer<typeof tierChangeEventBody>;
export type AlertEventBody = z.infer<typeof alertEventBody>;
