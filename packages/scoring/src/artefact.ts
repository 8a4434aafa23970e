import { createHash } from "node:crypto";
import type { Tier } from "@tidemark/contracts";
import type { GammaGammaParameters, MbgNbdParameters } from "@tidemark/models";
import type { Scorecard } from "./scorecards/scorecard.ts";

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
  readonly tiers: TierRules;
  /** Units of `currency` for one unit of another, by ISO 4217 code; a currency that is missing is refused. */
  readonly rates: Readonly<Record<string, number>>;
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

/** Terms added to the logit of silence. */
export interface Hazard {
  readonly intercept: number;
  /** While a complaint is open. */
  readonly complaintOpen: number;
  /** By the decayed number of complaints: the last step that it reaches holds, below the first there is none. Ascending. */
  readonly complaintSteps: readonly { readonly from: number; readonly logit: number }[];
  /** Times ln(1 + decayed engagement). */
  readonly engagement: number;
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
