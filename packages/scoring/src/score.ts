import type { Lifecycle, Profile, Reason, Score } from "@tidemark/contracts";
import { mbgSilence } from "@tidemark/models";
import { DAY_MS } from "./day-calendar.ts";
import { HAZARD_TERMS } from "./hazard/hazard.ts";
import type { Model } from "./model.ts";
import { judgeTier } from "./tier.ts";
import { type Buyer, buyerOf, type Valuation, valuationAt } from "./valuation.ts";

/** A score but for the turn that emits it. */
export type ScoreBody = Omit<Score, "turn" | "tick">;

/**
 * The score of a profile as of an instant: no clock, no I/O, no randomness. Scoring a stored profile as of its `scoredAt` with its model gives
 * the score last emitted, to the bit.
 * @param asOf ms since the epoch
 * @throws Error if a number is not finite: the profile or the model is broken
 */
export function score(profile: Profile, asOf: number, model: Model): ScoreBody {
  const buyer = buyerOf(profile, model);
  return buyer === null ? scoreProspect(profile, asOf, model) : scoreBuyer(profile, buyer, asOf, model);
}

function scoreProspect(profile: Profile, asOf: number, model: Model): ScoreBody {
  return {
    customerId: profile.customerId,
    version: profile.version,
    asOf,
    value: null,
    churn: null,
    churnHorizonDays: null,
    churnAfterLastPurchase: null,
    tier: "NONE",
    lifecycle: "PROSPECT",
    reasons: [],
    completeness: completenessOf(profile),
    segment: profile.segment === "" ? null : profile.segment,
    model: model.ref,
  };
}

function scoreBuyer(profile: Profile, buyer: Buyer, asOf: number, model: Model): ScoreBody {
  const { artefact } = model;
  const valuation = valuationAt(profile, buyer, asOf, model);
  const { churn } = valuation;
  const expectedMinor = Math.round(valuation.expectedMinor);
  const atRiskMinor = Math.round(valuation.ifAliveMinor * churn);
  const realisedMinor = realisedMinorOf(profile, artefact.marginRate);
  if (
    !(Number.isSafeInteger(expectedMinor) && Number.isSafeInteger(atRiskMinor) && Number.isSafeInteger(realisedMinor))
  ) {
    throw new Error("a score's value is not a finite amount");
  }
  if (!(churn >= 0 && churn <= 1)) throw new Error("a score's churn is not a probability");
  return {
    customerId: profile.customerId,
    version: profile.version,
    asOf,
    value: { realisedMinor, expectedMinor, atRiskMinor, currency: artefact.currency },
    churn,
    churnHorizonDays: artefact.churnHorizonDays,
    churnAfterLastPurchase: mbgSilence(artefact.purchases, buyer.x, buyer.tx, buyer.tx, model.churnHorizon),
    tier: judgeTier(profile, expectedMinor, asOf, model)?.to ?? profile.tier,
    lifecycle: lifecycleOf(buyer),
    reasons: reasonsOf(profile, buyer, valuation, asOf, model),
    completeness: completenessOf(profile),
    segment: profile.segment === "" ? null : profile.segment,
    model: model.ref,
  };
}

/** Margin earned so far: what events say of it, and the model's rate on the rest. */
function realisedMinorOf(profile: Profile, marginRate: number): number {
  const netMinor = profile.grossMinor - profile.refundMinor;
  return profile.marginMinor + Math.round((netMinor - profile.marginOfMinor) * marginRate);
}

function lifecycleOf({ x }: Buyer): Lifecycle {
  return x === 0 ? "NEW" : "ACTIVE";
}

/** The terms of the churn logit, greatest first: they add up to it, and the logistic of their sum is churn. */
function reasonsOf(
  profile: Profile,
  buyer: Buyer,
  { terms, silence, silenceLogit }: Valuation,
  asOf: number,
  model: Model,
): Reason[] {
  const reasons: Reason[] = [
    {
      code: "SILENCE",
      params: {
        // In whole days where it is, not in weeks times seven.
        silentDays: Math.max(0, (asOf - buyer.bornAt) / DAY_MS - (profile.lastDay - profile.firstDay)),
        purchaseDays: buyer.x + 1,
        horizonDays: model.artefact.churnHorizonDays,
        probability: silence,
      },
      logit: silenceLogit,
    },
  ];
  for (let i = 0; i < terms.length; i++) {
    const logit = terms[i] as number;
    const term = HAZARD_TERMS[i];
    if (logit === 0 || term === undefined) continue;
    reasons.push({ code: term.code, params: term.evidence(profile, asOf, model), logit });
  }
  return reasons.length === 1 ? reasons : reasons.sort((a, b) => Math.abs(b.logit) - Math.abs(a.logit));
}

/** Of what the value and the churn feed on: a purchase, a repeat purchase, an interaction, a customer record. */
function completenessOf(profile: Profile): number {
  return (
    (Number(profile.purchaseDays > 0) +
      Number(profile.purchaseDays > 1) +
      Number(profile.interactions.length > 0) +
      Number(profile.customerAt > 0)) /
    4
  );
}
