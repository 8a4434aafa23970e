import { ALERT_BANDS_MAX, type Artefact } from "@tidemark/scoring";
import { z } from "zod";

const positive = z.number().positive();
const share = z.number().min(0).max(1);
/** Ascending, and above 0: below that a decayed sum never falls. */
const steps = z
  .array(z.strictObject({ from: positive, logit: z.number() }))
  .refine((list) => list.every(({ from }, i) => i === 0 || from > (list[i - 1]?.from ?? 0)), "must ascend");

const days = z.number().min(0).max(36_500);
const stage = z.strictObject({ from: share, silentDays: days });
const lifecycle = z
  .strictObject({
    newDays: days,
    returnedDays: days,
    loyal: z.strictObject({ repeats: z.int().min(0), below: share }),
    slipping: stage,
    lost: stage,
    band: share,
    dwellDays: days,
  })
  .refine(({ loyal, slipping }) => loyal.below <= slipping.from, {
    path: ["slipping", "from"],
    error: "must not be below loyal.below",
  })
  .refine(({ slipping, lost }) => slipping.from <= lost.from, {
    path: ["lost", "from"],
    error: "must not be below slipping.from",
  })
  .refine(({ slipping, lost }) => slipping.silentDays <= lost.silentDays, {
    path: ["lost", "silentDays"],
    error: "must not be below slipping.silentDays",
  });

const coolDownDays = days;
const alerts = z.strictObject({
  churn: z
    .strictObject({ bands: z.array(share).max(ALERT_BANDS_MAX), hysteresis: share, coolDownDays })
    .refine(({ bands }) => bands.every((band, i) => i === 0 || band > (bands[i - 1] ?? 0)), {
      path: ["bands"],
      error: "must ascend",
    })
    .refine(({ bands, hysteresis }) => bands.every((band) => band > hysteresis), {
      path: ["hysteresis"],
      error: "must be below the lowest band",
    })
    .optional(),
  lossMaking: z.strictObject({ coolDownDays }).optional(),
  negativeReview: z.strictObject({ below: z.number().min(-1).max(1), standsDays: days, coolDownDays }).optional(),
  complaintOverdue: z.strictObject({ coolDownDays }).optional(),
  paymentOverdue: z.strictObject({ graceDays: days, coolDownDays }).optional(),
  severity: z
    .strictObject({ mediumMajor: z.number(), highMajor: z.number(), criticalMajor: z.number() })
    .refine(({ mediumMajor, highMajor, criticalMajor }) => mediumMajor <= highMajor && highMajor <= criticalMajor, {
      error: "must ascend",
    }),
});

/** An artefact of this release, exactly: a term that this code does not know would be left out of scores without a word. */
export const artefactSchema: z.ZodType<Artefact> = z.strictObject({
  name: z.string(),
  version: z.string(),
  fitted: z.boolean(),
  currency: z.string(),
  timeZone: z.string(),
  timeUnitDays: positive,
  purchases: z.strictObject({ r: positive, alpha: positive, a: positive, b: positive }),
  spend: z.strictObject({ p: positive, q: positive, v: positive }),
  marginRate: share,
  discountRate: share,
  churnHorizonDays: positive,
  valueHorizonDays: positive,
  hazard: z.strictObject({
    intercept: z.number(),
    complaintOpen: z.number(),
    complaintSteps: steps,
    engagement: z.number(),
    complaintOverdue: z.number().optional(),
    complaintSeverity: z.array(z.number()).length(5).optional(),
    supportSteps: steps.optional(),
    activityFall: z.number().optional(),
    lowRatingSteps: steps.optional(),
    hostilitySteps: steps.optional(),
    paymentOverdue: z.number().optional(),
    latePaymentSteps: steps.optional(),
    spendFall: z.number().optional(),
    contractEnded: z.number().optional(),
  }),
  complaintSlaHours: positive.optional(),
  renewals: z.strictObject({ alpha: positive, beta: positive, termDays: z.number().min(1) }).optional(),
  value: z
    .strictObject({
      marginRateByCategory: z.record(z.string(), share).optional(),
      refundRate: share.optional(),
      netOfCosts: z.boolean().optional(),
      withReferrals: z.boolean().optional(),
    })
    .optional(),
  tiers: z.strictObject({
    thresholds: z.array(
      z.strictObject({
        tier: z.enum(["OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"]),
        fromMajor: z.number().min(0),
      }),
    ),
    band: share,
    dwellDays: z.number().min(0),
  }),
  rates: z.record(z.string(), positive),
  lifecycle: lifecycle.optional(),
  alerts: alerts.optional(),
  // Up to it the sum of a million events of one customer is exact.
  costToServe: z.record(z.string(), z.number().min(0).max(10_000)).optional(),
  referral: z.strictObject({ marginMajor: z.number().min(0), share }).optional(),
  base: z
    .strictObject({
      asOf: z.number().min(0),
      revenueMajor: positive,
      abcFromMajor: z.strictObject({ a: z.number(), b: z.number() }),
      categories: z.number().int().min(1),
      quantiles: z.record(z.string(), z.array(z.number())),
    })
    .optional(),
});
