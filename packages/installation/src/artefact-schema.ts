import { ALERT_BANDS_MAX, type Artefact, MODEL_WORD_BYTES_MAX, type TierScorecard } from "@tidemark/scoring";
import { parseScorecard, type Scorecard } from "@tidemark/scoring/scorecards";
import { z } from "zod";

const positive = z.number().positive();
/** The journal names a model by both, with slashes between. */
const word = z
  .string()
  .regex(/^[^\s/]+$/u, "must be without blanks and slashes, and not empty")
  .refine((text) => Buffer.byteLength(text) <= MODEL_WORD_BYTES_MAX, `must be at most ${MODEL_WORD_BYTES_MAX} bytes`);
const share = z.number().min(0).max(1);
/** Ascending, and above 0: below that a decayed sum never falls. */
const steps = z
  .array(z.strictObject({ from: positive, logit: z.number() }))
  .refine((list) => list.every(({ from }, i) => i === 0 || from > (list[i - 1]?.from ?? 0)), "must ascend");

const TIERS = ["OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"] as const;
const tier = z.enum(TIERS);
const SCORECARDS_MAX = 32;

/** As `parseScorecard` reads it, with the problems it reports. */
const ownScorecard = z.custom<Scorecard>().superRefine((json, context) => {
  const parsed = parseScorecard(json);
  if (parsed.ok) return;
  for (const { path, message } of parsed.problems) {
    context.addIssue({ code: "custom", path: path.split("/").slice(1), message });
  }
});

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
export const artefactSchema: z.ZodType<Artefact> = z
  .strictObject({
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
      thresholds: z.array(z.strictObject({ tier, fromMajor: z.number().min(0) })),
      band: share,
      dwellDays: z.number().min(0),
      by: z
        .strictObject({
          scorecard: z.string(),
          levels: z
            .array(
              z.union([
                z.strictObject({ tier, fromPoints: z.number().min(0).max(100) }),
                z.strictObject({ tier, grade: z.string() }),
              ]),
            )
            .min(1)
            .max(TIERS.length),
        })
        .optional(),
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
    scorecards: z.array(ownScorecard).max(SCORECARDS_MAX).optional(),
  })
  .superRefine((artefact, context) => {
    for (const { path, message } of artefactProblems(artefact)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

interface ArtefactProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What has to do with each other, once each field is what it must be. */
function* artefactProblems({ tiers, scorecards = [], base }: Artefact): Generator<ArtefactProblem> {
  if (!ascends(tiers.thresholds.map(({ fromMajor }) => fromMajor))) {
    yield { path: ["tiers", "thresholds"], message: "must ascend" };
  }
  for (const [name, cuts] of Object.entries(base?.quantiles ?? {})) {
    if (!ascends(cuts)) yield { path: ["base", "quantiles", name], message: "must ascend" };
  }
  const names = scorecards.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    const path = ["scorecards", index, "name"];
    if (names.indexOf(name) < index) yield { path, message: "is another scorecard's too" };
  }
  if (tiers.by !== undefined) yield* tierProblems(tiers.by, scorecards);
}

function* tierProblems(
  { scorecard, levels }: TierScorecard,
  scorecards: readonly Scorecard[],
): Generator<ArtefactProblem> {
  const card = scorecards.find(({ name }) => name === scorecard);
  if (card === undefined) {
    yield { path: ["tiers", "by", "scorecard"], message: "is none of the artefact's scorecards" };
    return;
  }
  const points = levels.flatMap((level) => ("fromPoints" in level ? [level.fromPoints] : []));
  if (points.length !== 0 && points.length !== levels.length) {
    yield { path: ["tiers", "by", "levels"], message: "must go all by points or all by grade" };
  }
  if (!ascends(points)) yield { path: ["tiers", "by", "levels"], message: "must ascend" };
  for (const [index, level] of levels.entries()) {
    if (!("grade" in level) || card.grades.some(({ grade }) => grade === level.grade)) continue;
    yield { path: ["tiers", "by", "levels", index, "grade"], message: "is no grade of the scorecard" };
  }
}

function ascends(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] ?? -Infinity));
}
