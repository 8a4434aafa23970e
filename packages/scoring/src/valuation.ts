import type { Profile } from "@tidemark/contracts";
import { gammaGammaMean, logistic, logit, mbgStanding } from "@tidemark/models";
import { DAY_MS } from "./day-calendar.ts";
import { hazardTerms } from "./hazard/hazard.ts";
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

/** What churn and value are made of at one instant. Between two steps (`stepsUntil`) each part moves one way while no event happens. */
export interface Valuation {
  /** P(alive). */
  readonly alive: number;
  /** Churn before the hazard: the probability of no purchase within the churn horizon, clipped so that its logit is finite. */
  readonly silence: number;
  readonly silenceLogit: number;
  /** Terms added to the logit of silence, in the order of HAZARD_TERMS. */
  readonly terms: readonly number[];
  /** Their sum. */
  readonly hazard: number;
  /** The logistic of silenceLogit + hazard. */
  readonly churn: number;
  /** Expected discounted margin of purchases, minor units: their CLV, which contains P(alive). */
  readonly purchasesMinor: number;
  /** The same of a customer who is alive, minor units: CLV / P(alive). */
  readonly ifAliveMinor: number;
  /** CLV × (1 − churn)/(1 − silence), minor units: complaints lower it, engagement raises it. */
  readonly expectedMinor: number;
}

/** Silence is clipped to [this, 1 − this] before it is made a logit. */
const SILENCE_MIN = 1e-9;

export function valuationAt(profile: Profile, buyer: Buyer, asOf: number, model: Model): Valuation {
  const T = ageAt(buyer, asOf, model);
  const { alive, silence: raw } = mbgStanding(model.artefact.purchases, buyer.x, buyer.tx, T, model.churnHorizon);
  const silence = Math.min(1 - SILENCE_MIN, Math.max(SILENCE_MIN, raw));
  const silenceLogit = logit(silence);
  const terms = hazardTerms(profile, asOf, model);
  let hazard = 0;
  for (const term of terms) hazard += term;
  const ifAliveMinor = model.discountedPurchases(buyer.x, T) * buyer.marginMinor;
  const purchasesMinor = alive * ifAliveMinor;
  return {
    alive,
    silence,
    silenceLogit,
    terms,
    hazard,
    churn: logistic(silenceLogit + hazard),
    purchasesMinor,
    ifAliveMinor,
    expectedMinor: purchasesMinor * stayRatio(silence, hazard),
  };
}

/** (1 − churn)/(1 − silence), where logit(churn) = logit(silence) + hazard. */
export function stayRatio(silence: number, hazard: number): number {
  return 1 / (1 - silence + silence * Math.exp(hazard));
}
