import type { Artefact } from "@tidemark/scoring";
import { z } from "zod";

const positive = z.number().positive();
/** The journal names a model by both, with slashes between. */
const word = z.string().regex(/^[^\s/]{1,128}$/u, "must be 1 to 128 characters without blanks and slashes");
const share = z.number().min(0).max(1);

/** An artefact of this release, exactly: a term that this code does not know would be left out of scores without a word. */
export const artefactSchema: z.ZodType<Artefact> = z.strictObject({
  name: word,
  version: word,
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
    complaintSteps: z.array(z.strictObject({ from: z.number(), logit: z.number() })),
    engagement: z.number(),
  }),
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
