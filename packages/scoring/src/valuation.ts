import type { Profile } from "@tidemark/contracts";
import { gammaGammaMean, type MbgStanding, mbgStanding } from "@tidemark/models";
import { complaintStep } from "./complaint-steps.ts";
import { DAY_MS } from "./day-calendar.ts";
import { decayed, ENGAGEMENT_HALF_LIFE_MS } from "./decayed-sum.ts";
import type { Model } from "./model.ts";

/** What of a buyer's worth does not change while nothing happens. Times in the model's unit. */
export interface Buyer {
  /** Repeat purchase days and recency. */
  readonly x: number;
  readonly tx: number;
  /** When the first purchase day ended, ms: age is counted from there. */
  readonly bornAt: number;
  /** Margin expected of one more purchase day, refunds taken off, minor units. */
  readonly marginMinor: number;
}

/** @returns null for a prospect */
export function buyerOf(profile: Profile, { artefact, calendar, minorPerMajor }: Model): Buyer | null {
  if (profile.purchaseDays === 0) return null;
  const x = profile.purchaseDays - 1;
  const repeatMajor = x === 0 ? 0 : (profile.grossMinor - profile.firstDayGrossMinor) / minorPerMajor;
  const meanMinor = gammaGammaMean(artefact.spend, x, repeatMajor) * minorPerMajor;
  // The customer's own share of refunds, drawn towards none by one purchase that stands.
  const keptShare = Math.max(0, 1 - profile.refundMinor / (profile.grossMinor + meanMinor));
  return {
    x,
    tx: (profile.lastDay - profile.firstDay) / artefact.timeUnitDays,
    bornAt: calendar.endOf(profile.firstDay),
    marginMinor: meanMinor * artefact.marginRate * keptShare,
  };
}

/** T in the model's unit: continuous days since the end of the first purchase day, and never less than recency. */
function ageAt({ tx, bornAt }: Buyer, asOf: number, { artefact }: Model): number {
  return Math.max(tx, (asOf - bornAt) / (DAY_MS * artefact.timeUnitDays));
}

/** What the value of a buyer is made of at one instant. */
export interface Valuation extends MbgStanding {
  /** Terms added to the logit of silence: the intercept, the open complaint, recent complaints, engagement. */
  readonly terms: HazardTerms;
  /** Their sum. */
  readonly hazard: number;
  /** Expected discounted margin of a customer who is alive, minor units: CLV / P(alive). */
  readonly ifAliveMinor: number;
  /** CLV × (1 − churn)/(1 − silence), minor units: complaints lower it, engagement raises it. */
  readonly expectedMinor: number;
}

export interface HazardTerms {
  readonly intercept: number;
  readonly complaintOpen: number;
  readonly complaintsRecent: number;
  readonly engagement: number;
}

/** Silence is clipped to [this, 1 − this] before it is made a logit. */
const SILENCE_MIN = 1e-9;

export function valuationAt(profile: Profile, buyer: Buyer, asOf: number, model: Model): Valuation {
  const T = ageAt(buyer, asOf, model);
  const { alive, silence: raw } = mbgStanding(model.artefact.purchases, buyer.x, buyer.tx, T, model.churnHorizon);
  const silence = Math.min(1 - SILENCE_MIN, Math.max(SILENCE_MIN, raw));
  const terms = hazardTerms(profile, asOf, model);
  const hazard = terms.intercept + terms.complaintOpen + terms.complaintsRecent + terms.engagement;
  const ifAliveMinor = model.discountedPurchases(buyer.x, T) * buyer.marginMinor;
  return {
    alive,
    silence,
    terms,
    hazard,
    ifAliveMinor,
    expectedMinor: alive * ifAliveMinor * stayRatio(silence, hazard),
  };
}

/** (1 − churn)/(1 − silence), where logit(churn) = logit(silence) + hazard. */
export function stayRatio(silence: number, hazard: number): number {
  return 1 / (1 - silence + silence * Math.exp(hazard));
}

function hazardTerms(profile: Profile, asOf: number, { artefact: { hazard } }: Model): HazardTerms {
  return {
    intercept: hazard.intercept,
    complaintOpen: profile.complaintsOpen > 0 ? hazard.complaintOpen : 0,
    complaintsRecent: complaintStep(profile, asOf, hazard.complaintSteps).logit,
    engagement: hazard.engagement * Math.log1p(recentEngagement(profile, asOf)),
  };
}

/** Decayed engagement as of an instant. */
export function recentEngagement(profile: Profile, asOf: number): number {
  return decayed(profile.engagementDecayed, asOf - profile.engagementAt, ENGAGEMENT_HALF_LIFE_MS);
}
