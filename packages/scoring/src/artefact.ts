import { createHash } from "node:crypto";
import type { Tier } from "@tidemark/contracts";
import type { GammaGammaParameters, MbgNbdParameters } from "@tidemark/models";

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
