import { createHash } from "node:crypto";
import type { Tier } from "@tidemark/contracts";
import type { GammaGammaParameters, MbgNbdParameters, SbgParameters } from "@tidemark/models";
import type { AlertRules } from "./alerts/alert-rules.ts";
import type { HazardSteps } from "./hazard/decayed-step.ts";
import type { Scorecard } from "./scorecards/scorecard.ts";
import type { LifecycleRules } from "./lifecycle-rules.ts";

/**
 * Everything a score depends on beside the profile and the time, as data: what the topic `models` carries as JSON.
 * The content of a version never changes.
 */
export interface Artefact {
  readonly name: string;
  readonly version: string;
  /** Whether parameters were fitted to this installation's data; the name says which, where not all were. */
  readonly fitted: boolean;
  /** Base currency, ISO 4217: of all sums in profiles, of `spend.v` and of the tier thresholds. */
  readonly currency: string;
  /** Zone in which a purchase day is a day. */
  readonly timeZone: string;
  /** The time unit of `purchases`, days. */
  readonly timeUnitDays: number;
  readonly purchases: MbgNbdParameters;
  /** v in major units of `currency`. */
  readonly spend: GammaGammaParameters;
  /** Margin in spend where events do not say it, 0 to 1. */
  readonly marginRate: number;
  /** A year, 0.1 = 10 %. */
  readonly discountRate: number;
  readonly churnHorizonDays: number;
  readonly valueHorizonDays: number;
  readonly hazard: Hazard;
  /** An open complaint is overdue after so long. Absent: {@link COMPLAINT_SLA_HOURS}. */
  readonly complaintSlaHours?: number | undefined;
  /** How contracts end. Absent: {@link DEFAULT_RENEWALS}. */
  readonly renewals?: Renewals | undefined;
  /** What of a customer's worth is told more exactly than by `marginRate`. Absent: none of it. */
  readonly value?: ValueRules | undefined;
  readonly tiers: TierRules;
  /** Units of `currency` for one unit of another, by ISO 4217 code; a currency that is missing is refused. */
  readonly rates: Readonly<Record<string, number>>;
  /** How customers go through the stages of the relationship. Absent: as documented at {@link LifecycleRules}. */
  readonly lifecycle?: LifecycleRules | undefined;
  /** What is told to a retention desk. Absent: as documented at {@link AlertRules}. */
  readonly alerts?: AlertRules | undefined;
  /**
   * Cost of one event in major units, at least 0, by its kind ("SUPPORT", "PURCHASE", …; "COMPLAINT" = one opened) or by kind and channel
   * ("SUPPORT/phone"), which comes first. Absent: what customers cost is not known.
   */
  readonly costToServe?: Readonly<Record<string, number>> | undefined;
  /** What a converted referral counts for. Absent: not known. */
  readonly referral?: ReferralWorth | undefined;
  /** Of the whole base. Absent: what depends on it is not known. */
  readonly base?: BaseFigures | undefined;
  /** The installation's own, shown beside the presets; one of them may give tiers. */
  readonly scorecards?: readonly Scorecard[] | undefined;
}

export interface ReferralWorth {
  /** Margin of a new customer, major units. */
  readonly marginMajor: number;
  /** The part of it that the referring customer is credited with, 0 to 1. */
  readonly share: number;
}

/** What is known of the whole base at one time. */
export interface BaseFigures {
  /** ms since the epoch. */
  readonly asOf: number;
  /** Revenue of all customers in the trailing year, major units, above 0. */
  readonly revenueMajor: number;
  /** Trailing revenue from which a customer is in class A, and in class B; below: C. Major units. */
  readonly abcFromMajor: { readonly a: number; readonly b: number };
  /** Categories that are sold, at least 1. */
  readonly categories: number;
  /** Ascending cut points of an indicator over the base, by its name: 4 for quintiles. */
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
}

/** A name or a version has no more bytes of UTF-8, what overrides add to a version included: every profile and score carries both. */
export const MODEL_WORD_BYTES_MAX = 64;

/** Two days: no source; what an installation promises its customers is its own (`TIDEMARK_COMPLAINT_SLA_HOURS`). */
export const COMPLAINT_SLA_HOURS = 48;

/** The shifted beta-geometric model of renewals, at the end of a term each. */
export interface Renewals extends SbgParameters {
  /** Length of a term where no event says one, days. */
  readonly termDays: number;
}

/**
 * "Regular" customers of Fader & Hardie 2007, "How to project customer retention" (α .704, β 1.182): 63 % renew for the first time, 76 % of
 * them again. The more cautious of their two data sets; terms there are years. A month is the term of most open subscriptions.
 */
export const DEFAULT_RENEWALS: Renewals = { alpha: 0.704, beta: 1.182, termDays: 30 };

export interface ValueRules {
  /** Margin in spend by category, 0 to 1, where events do not say it; a category that is missing has `marginRate`. */
  readonly marginRateByCategory?: Readonly<Record<string, number>> | undefined;
  /** Part of spend that is refunded, 0 to 1: what a customer's own share is drawn towards, by one purchase. Absent: 0. */
  readonly refundRate?: number | undefined;
  /** Whether value is net of cost to serve: what was spent so far, and what is to be expected by that of the trailing year. */
  readonly netOfCosts?: boolean | undefined;
  /** Whether converted referrals count in the value realised so far. */
  readonly withReferrals?: boolean | undefined;
}

/** Terms added to the logit of silence; one that is absent is 0. */
export interface Hazard {
  readonly intercept: number;
  /** While a complaint is open. */
  readonly complaintOpen: number;
  /** By the decayed number of complaints. */
  readonly complaintSteps: HazardSteps;
  /** Times ln(1 + decayed engagement). */
  readonly engagement: number;
  /** While an open complaint is overdue. */
  readonly complaintOverdue?: number | undefined;
  /** By the gravest complaint of the last 90 days, withdrawn ones excluded: logits of severity 1 to 5. */
  readonly complaintSeverity?: readonly number[] | undefined;
  /** By the decayed number of support contacts. */
  readonly supportSteps?: HazardSteps | undefined;
  /** Times the logarithm of the customer's usual activity over his recent one, as far as that has more than halved; at most ln 8. */
  readonly activityFall?: number | undefined;
  /** By the decayed number of low ratings. */
  readonly lowRatingSteps?: HazardSteps | undefined;
  /** By the decayed sum of how negative reviews were, 0 to 1 each. */
  readonly hostilitySteps?: HazardSteps | undefined;
  /** While a payment is overdue. */
  readonly paymentOverdue?: number | undefined;
  /** By the number of orders paid late in the last 180 days. */
  readonly latePaymentSteps?: HazardSteps | undefined;
  /** Times the logarithm of the customer's usual order over his recent ones, as far as these are below two thirds of it; at most ln 4. */
  readonly spendFall?: number | undefined;
  /** Of a customer who buys, once his contract has ended. */
  readonly contractEnded?: number | undefined;
}

export interface TierRules {
  /** Ascending by value; the first one has none to reach. */
  readonly thresholds: readonly { readonly tier: Tier; readonly fromMajor: number }[];
  /** Share of its threshold that the value may lie below before a tier is lost, 0 to 1. */
  readonly band: number;
  /** A tier is kept for at least so long before it is lost. */
  readonly dwellDays: number;
  /** A scorecard that gives tiers in the place of the value. */
  readonly by?: TierScorecard | undefined;
}

/** How a scorecard gives tiers; band and dwell are those of the rules. */
export interface TierScorecard {
  /** Name of one of the artefact's own. */
  readonly scorecard: string;
  /** Ascending; who reaches none has the first. All by points, 0 to 100, or all by grade, each another. */
  readonly levels: readonly (
    | { readonly tier: Tier; readonly fromPoints: number }
    | { readonly tier: Tier; readonly grade: string }
  )[];
}

/** The artefact as the topic `models` carries it: JSON with its names in order, so that equal content is equal text. */
export function artefactText(artefact: Artefact): string {
  return JSON.stringify(artefact, (_, value: unknown) => {
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  });
}

/** SHA-256 of {@link artefactText}, lower-case hexadecimal. */
export function modelHash(artefact: Artefact): string {
  return createHash("sha256").update(artefactText(artefact)).digest("hex");
}
