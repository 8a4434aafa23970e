import { z } from "zod";

/**
 * The bodies of the HTTP interface. They document it (OpenAPI), type what the page reads, and the tests hold every
 * answer to them; answers themselves are not checked at run time.
 */

/** A moment, ISO 8601, UTC. */
export const instant = z.iso.datetime();
export const probability = z.number().min(0).max(1);
export const minor = z.int().describe("Integer minor units of `currency`.");

export const TIERS = ["platinum", "gold", "silver", "development", "optimisation"] as const;
const LIFECYCLES = ["unknown", "prospect", "new", "active", "loyal", "slipping", "lost", "returned"] as const;

export const tier = z.enum(TIERS).nullable().describe("null: a prospect has none.");
const lifecycle = z.enum(LIFECYCLES);

const value = z
  .object({
    realisedMinor: minor.describe("Margin earned so far."),
    expectedMinor: minor.describe("Expected discounted margin over the value horizon."),
    atRiskMinor: minor.describe("The part of the worth that churn puts at risk."),
    currency: z.string().describe("ISO 4217."),
  })
  .nullable()
  .describe("null: a prospect has none.");

export const scoreBody = z.object({
  version: z.int().describe("Rises by 1 with each score of the customer."),
  asOf: instant.describe("The moment the score holds for."),
  churn: probability
    .nullable()
    .describe(
      "Probability of no purchase within the horizon; while a contract runs, that it ends within it; next to 1 where one is over and nothing was ever bought. null: a prospect has none.",
    ),
  churnHorizonDays: z.int().nullable(),
  churnAfterLastPurchase: probability
    .nullable()
    .describe("The silence term just after the last purchase; null: never bought."),
  value,
  tier,
  lifecycle,
  reasons: z
    .array(
      z.object({
        code: z.string(),
        logit: z.number().describe("This term's share of the churn logit; all terms add up to it."),
        text: z.string().describe("The term and its evidence in words."),
      }),
    )
    .describe("Greatest first."),
  completeness: probability.describe("Share of what the score needs that is known."),
  model: z.object({
    name: z.string(),
    version: z.string(),
    fitted: z
      .boolean()
      .describe(
        "false: the default parameters, not fitted to this installation's data; true: the name says which were.",
      ),
  }),
});

const contract = z.object({
  state: z
    .enum(["running", "ranOut", "ended"])
    .describe("ranOut: over without a renewal; ended: the customer ended it."),
  at: instant.describe("When it is to be renewed next; where it is over, since when."),
  source: z
    .enum(["events", "customerRecord"])
    .describe("Where its end is from: subscriptions and renewals, or the customer record, which says no term."),
  renewals: z.int().describe("Renewals so far, as far as they are known."),
  termDays: z.number(),
  renewsItself: z.boolean().describe("true: nothing says a term, so it goes on by itself until it is ended."),
  priceMinor: minor.nullable().describe("Of a term; null: not known, and value is then that of purchases alone."),
  currency: z.string().describe("ISO 4217."),
});

export const customerBody = z
  .object({
    customerId: z.string(),
    score: scoreBody.describe("The last score emitted."),
    now: scoreBody.describe("The same computed at `at`, or now; in clock mode event, now is the last tick."),
    contract: contract
      .nullable()
      .describe("The contract by which churn is told, as of `now.asOf`; null: none is known. Of several, the newest."),
    profile: z.object({
      x: z.int().describe("Repeat purchase days."),
      txWeeks: z.number().describe("From the first to the last purchase day."),
      tWeeks: z.number().describe("From the end of the first purchase day to `now.asOf`."),
      spendMinor: minor,
      currency: z.string(),
      purchases: z.int(),
      complaintsOpen: z.int(),
      lastEventAt: instant.nullable(),
    }),
    position: z
      .object({ partition: z.int(), offset: z.int() })
      .describe("How far in the changelog this answer reaches."),
    tick: instant.nullable().describe("The time up to which this answer is whole; null before the first turn."),
  })
  .describe("The last score, the score now, and what both rest on.");

const points = z.number().min(0).max(100).nullable().describe("null: nothing is known.");

export const explanationBody = z
  .object({
    customerId: z.string(),
    asOf: instant,
    currency: z.string().describe("Of what is in minor units."),
    indicators: z
      .array(
        z.object({
          name: z.string(),
          family: z.string(),
          unit: z.string(),
          better: z.enum(["higher", "lower", "neither"]),
          needs: z.array(z.string()).describe("What must have come for the value to be known."),
          doc: z.string(),
          value: z.union([z.number(), z.string()]).nullable().describe("null: unknown, which is not 0."),
        }),
      )
      .describe("All of the catalogue."),
    own: z
      .record(z.string(), z.union([z.number(), z.string()]).nullable())
      .describe("`custom.` attributes and `balance.` of products."),
    scorecards: z.array(
      z.object({
        scorecard: z.string(),
        version: z.int(),
        doc: z.string(),
        points,
        grade: z.string().nullable().describe("null: too little is known."),
        completeness: probability,
        dimensions: z.array(
          z.object({
            name: z.string(),
            points,
            completeness: probability,
            items: z.array(z.object({ indicator: z.string(), value: z.number().nullable(), points })),
          }),
        ),
      }),
    ),
  })
  .describe("Every indicator, and what each scorecard makes of them.");

export const acceptedBody = z
  .object({
    accepted: z.int().describe("Events that are durably stored."),
    rejected: z.array(
      z.object({
        index: z.int().describe("Place of the event in the request, from 0; blank lines of NDJSON are not counted."),
        code: z.string(),
        path: z.string().describe("The field, or empty for the event as a whole."),
        message: z.string(),
      }),
    ),
  })
  .describe("What was accepted is durably stored; what was rejected has its reason.");

export const summaryBody = z
  .object({
    at: instant.describe("The server's clock, scaled in demos."),
    customers: z.int(),
    byTier: z.record(z.enum([...TIERS, "none"]), z.int()),
    byLifecycle: z.record(z.enum(LIFECYCLES), z.int()),
    eventsAppended: z.int().describe("Events in the log since it began; its growth is the rate."),
    scoresEmitted: z.int(),
    tick: instant.nullable(),
  })
  .describe("The counts now, and totals since the log began.");

export const importBody = z
  .object({
    itemsDone: z.int().describe("Items durably in the log: where to go on."),
    complete: z.boolean(),
  })
  .describe("Where the import stands.");

export const importRulesBody = z
  .object({
    currency: z.string().describe("ISO 4217: what sums here are in; purchases of another currency are not scored."),
    timeZone: z.string().describe("IANA: whose days are counted, and the zone of times without an offset."),
    clock: z.enum(["wall", "event"]).describe("event: the rows go by time, with ticks between them."),
  })
  .describe("By which rules rows become items.");

export const erasureBody = z
  .object({
    appendedAt: instant.describe("When the log took the erasure: what it had taken before is erased."),
    erasedAt: instant
      .nullable()
      .describe("What happened up to then counts as erased, wherever it comes from; null: not applied yet."),
    copies: z
      .array(
        z.object({
          topic: z.string().describe("Without the prefix."),
          policy: z.enum(["compact", "delete"]),
          goneBy: instant.describe("The latest at which the log still holds a record of the customer there."),
        }),
      )
      .describe("What was stored before leaves the log by itself: superseded, or with its retention."),
  })
  .describe("The erasure, and until when copies are left.");

export const healthBody = z.object({ status: z.literal("ok") }).describe("The process answers.");

const check = z.enum(["ok", "unavailable"]);
export const readyBody = z
  .object({
    status: check,
    checks: z.object({ log: check, store: check, registry: check }),
  })
  .describe("Whether each part does its work.");

export const problemBody = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe("What a program decides by."),
    detail: z.string().describe("The rule that was broken; never a value of the input."),
  })
  .describe("A problem of RFC 9457.");

export const metricsBody = z
  .unknown()
  .meta({ type: "string", description: "Metrics in the text format of Prometheus." });

/** The body of `event: score`; tier changes and alerts carry the same evidence. */
export const scoreEventBody = z.object({
  customerId: z.string(),
  version: z.int().describe("Rises by 1 with each score of the customer."),
  asOf: instant.describe("The moment the score holds for."),
  churn: probability.nullable().describe("null: a prospect has none."),
  churnHorizonDays: z.int().nullable(),
  churnAfterLastPurchase: probability
    .nullable()
    .describe("The silence term just after the last purchase; null: never bought."),
  value,
  tier,
  lifecycle,
  reasons: z
    .array(
      z.object({
        code: z.string(),
        params: z.record(z.string(), z.number()).describe("The evidence by name; each name carries its unit."),
        logit: z.number().describe("This term's share of the churn logit; all terms add up to it."),
      }),
    )
    .describe("Greatest first."),
  completeness: probability.describe("Share of what the score needs that is known."),
  segment: z.string().nullable().describe("null: none is known."),
  turn: z.int().describe("Turn of the task that made it, counted from 1 in each partition."),
  tick: instant.describe("The time up to which that turn is whole."),
  model: z.object({ name: z.string(), version: z.string() }),
});

export type ScoreBody = z.infer<typeof scoreBody>;
export type ExplanationBody = z.infer<typeof explanationBody>;
export type CustomerBody = z.infer<typeof customerBody>;
export type ContractBody = z.infer<typeof contract>;
export type AcceptedBody = z.infer<typeof acceptedBody>;
export type SummaryBody = z.infer<typeof summaryBody>;
export type ImportBody = z.infer<typeof importBody>;
export type ImportRulesBody = z.infer<typeof importRulesBody>;
export type ErasureBody = z.infer<typeof erasureBody>;
export type ScoreEventBody = z.infer<typeof scoreEventBody>;
