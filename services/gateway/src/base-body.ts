import { z } from "zod";

/** The body of `GET /v1/base`: it documents it (OpenAPI) and types what the page reads. Definitions: docs/base.md. */

const count = z.int();
const minor = z.int().describe("Integer minor units of `currency`.");
const share = z.number().min(0).max(1).nullable().describe("null: there is nobody to speak of.");
const month = z.string().regex(/^\d{4,}-\d{2}$/u);

const figures = z.object({
  customers: count,
  buyers: count.describe("With a purchase that stands."),
  repeatBuyers: count.describe("With a purchase on a second day."),
  repurchaseRate: share.describe("Repeat buyers among buyers."),
  purchases: count,
  revenueMinor: minor.describe("Gross spend less refunds."),
  value: z.object({
    customers: count.describe("Those who have a value."),
    realisedMinor: minor,
    expectedMinor: minor,
    atRiskMinor: minor,
  }),
  csi: z.object({
    customers: count.describe("Those who rated the whole on the CSAT scale."),
    mean: z.number().min(1).max(5).nullable().describe("Mean of their means, newer ratings weighing more, 1 to 5."),
  }),
  nps: z.object({
    score: z.number().min(-100).max(100).nullable().describe("Promoters less detractors, in a hundred who rated."),
    promoters: count,
    passives: count,
    detractors: count,
  }),
  complaints: z.object({
    customers: count,
    opened: count.describe("Withdrawn ones excluded."),
    open: count,
    resolved: count,
    rate: share.describe("Customers who complained among all."),
    resolutionRate: share,
  }),
  renewals: z.object({ renewed: count, terminated: count, rate: share }),
  referrals: z.object({
    customers: count,
    made: count,
    converted: count,
    rate: share.describe("Customers who referred among all."),
    conversionRate: share,
  }),
});

const groups = z.object({
  groups: z
    .array(figures.extend({ name: z.string().nullable().describe("null: none is known.") }))
    .max(64)
    .describe("Most customers first."),
  other: figures.nullable().describe("All beyond 64 names together; null: there are none."),
});

const churn = z.object({
  months: z
    .array(
      z.object({
        month,
        activeAtStart: count.describe("Buyers who are in the group now and had not lapsed when the month began."),
        lapsed: count,
        churnRate: share,
        retentionRate: share,
      }),
    )
    .max(12)
    .describe("Months that are over, oldest first."),
  peak: z
    .object({ month, churnRate: z.number() })
    .nullable()
    .describe("Of these months the one with the highest rate."),
});

const churnGroups = groups.extend({
  groups: z.array(groups.shape.groups.element.extend({ churn })).max(64).describe("Most customers first."),
  other: figures.extend({ churn }).nullable().describe("All beyond 64 names together; null: there are none."),
});

const named = { name: z.string(), customers: count };
const otherCustomers = z.object({ customers: count }).describe("Beyond the names that are kept.");

export const baseBody = z
  .object({
    at: z.iso.datetime().describe("The server's clock, scaled in demos."),
    tick: z.iso
      .datetime()
      .nullable()
      .describe("The time up to which the figures are whole; null before the first turn."),
    currency: z.string().describe("ISO 4217, of all amounts."),
    lapseDays: count.describe("A buyer has lapsed after so many days without a purchase."),
    all: figures,
    by: z.object({ tier: groups, lifecycle: groups, segment: churnGroups, industry: churnGroups, region: churnGroups }),
    months: z
      .array(
        z.object({
          month,
          complete: z.boolean().describe("Whether the month is over."),
          activeAtStart: count.describe("Buyers who have not lapsed when it begins."),
          acquired: count,
          returned: count,
          lapsed: count.nullable().describe("null: the month is not over."),
          churnRate: share.describe("Lapsed to active at the start."),
          retentionRate: share.describe("The rest."),
        }),
      )
      .max(36)
      .describe("Local months, oldest first, up to the running one."),
    churnPeak: z.object({ month, churnRate: z.number() }).nullable().describe("The month over with the highest rate."),
    churnCauses: z.object({
      causes: z
        .array(z.object({ code: z.string(), customers: count, atRiskMinor: minor }))
        .max(64)
        .describe("Most at risk first."),
      none: z.object({ customers: count, atRiskMinor: minor }).describe("Those whose churn nothing raises."),
    }),
    tierMoves: z
      .array(z.object({ month, from: z.string().nullable(), to: z.string().nullable(), customers: count }))
      .describe("Newest month first; null: none."),
    concentration: z.object({
      topFifthShare: share.describe("Share of all revenue of the fifth of the buyers with the most."),
      gini: share,
      classes: z
        .object({ a: z.number(), b: z.number(), c: z.number() })
        .nullable()
        .describe("Shares of the buyers: those of the first 80 % of revenue, of the next 15 %, of the rest."),
    }),
    categories: z.object({
      categories: z.array(z.object({ ...named, purchases: count, revenueMinor: minor.describe("Gross.") })).max(64),
      other: otherCustomers.extend({ purchases: count, revenueMinor: minor }),
    }),
    complaintCategories: z.object({
      categories: z.array(z.object({ ...named, complaints: count })).max(64),
      other: otherCustomers.extend({ complaints: count }),
    }),
    experiments: z.object({
      conversionDays: count,
      arms: z
        .array(
          z.object({
            experiment: z.string().describe("Or the campaign, where there is no experiment."),
            arm: z.string().nullable(),
            exposed: count.describe("Customers, by the arm that each saw first."),
            converted: count.describe("Of these, who bought from that day on within `conversionDays`."),
            rate: z.number(),
            lower: z.number().describe("Wilson's interval, 95 %."),
            upper: z.number(),
          }),
        )
        .max(64),
      other: z.object({ exposed: count, converted: count }),
    }),
  })
  .describe("The figures of the whole base.");

export type BaseBody = z.infer<typeof baseBody>;
export type FiguresBody = z.infer<typeof figures>;
export type GroupsBody = z.infer<typeof groups>;
export type ChurnBody = z.infer<typeof churn>;
export type ChurnGroupsBody = z.infer<typeof churnGroups>;
