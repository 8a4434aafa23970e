import type { Profile, Reason, Score } from "@tidemark/contracts";
import { mbgSilence } from "@tidemark/models";
import { nextRenewal, overEvidence } from "./contract.ts";
import { DAY_MS } from "./day-calendar.ts";
import { HAZARD_TERMS } from "./hazard/hazard.ts";
import { lifecycleAt } from "./lifecycle.ts";
import type { Model } from "./model.ts";
import { tradeOf, voiceOf } from "./optional-sums.ts";
import { marginRateOf, type Relationship, relationshipOf } from "./relationship.ts";
import { repeatsOf } from "./repeats.ts";
import { judgeTier } from "./tier.ts";
import { type Valuation, valuationAt } from "./valuation.ts";

/** A score but for the turn that emits it. */
export type ScoreBody = Omit<Score, "turn" | "tick">;

/**
 * The score of a profile as of an instant: no clock, no I/O, no randomness. Scoring a stored profile as of its `scoredAt` with its model gives
 * the score last emitted, to the bit.
 * @param asOf ms since the epoch
 * @throws Error if a number is not finite: the profile or the model is broken
 */
export function score(profile: Profile, asOf: number, model: Model): ScoreBody {
  const relationship = relationshipOf(profile, model);
  return relationship === null
    ? scoreProspect(profile, asOf, model)
    : scoreCustomer(profile, relationship, asOf, model);
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
    completeness: completenessOf(profile, null),
    segment: profile.segment === "" ? null : profile.segment,
    model: model.ref,
  };
}

function scoreCustomer(profile: Profile, relationship: Relationship, asOf: number, model: Model): ScoreBody {
  const { artefact } = model;
  const { buyer } = relationship;
  const valuation = valuationAt(profile, relationship, asOf, model);
  const { churn } = valuation;
  const expectedMinor = Math.round(valuation.expectedMinor);
  const atRiskMinor = Math.round(Math.max(0, valuation.ifAliveMinor) * churn);
  const realisedMinor = realisedMinorOf(profile, model);
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
    churnAfterLastPurchase:
      buyer === null ? null : mbgSilence(artefact.purchases, buyer.x, buyer.tx, buyer.tx, model.churnHorizon),
    tier: judgeTier(profile, expectedMinor, asOf, model)?.to ?? profile.tier,
    lifecycle: lifecycleAt(profile, relationship, churn, asOf, model),
    reasons: reasonsOf(profile, relationship, valuation, asOf, model),
    completeness: completenessOf(profile, relationship),
    segment: profile.segment === "" ? null : profile.segment,
    model: model.ref,
  };
}

/**
 * Margin earned so far: what events say of it, and the model's rate on the rest. Fees of contracts count for whoever never bought, since
 * they are often sent as purchases too. Where the artefact says so, converted referrals added and the cost to serve taken off.
 */
function realisedMinorOf(profile: Profile, model: Model): number {
  const { marginRate, value, referral } = model.artefact;
  const netMinor = profile.grossMinor - profile.refundMinor;
  const feesMinor = profile.purchaseDays === 0 ? (profile.contract?.paidMinor ?? 0) : 0;
  let restMinor = (netMinor - profile.marginOfMinor) * marginRateOf(profile, model) + feesMinor * marginRate;
  if (value?.withReferrals === true && referral !== undefined) {
    const { referralsConverted } = voiceOf(profile);
    restMinor += referralsConverted * referral.marginMajor * model.minorPerMajor * referral.share;
  }
  if (value?.netOfCosts === true) restMinor -= tradeOf(profile).costMilliMinor / 1000;
  return profile.marginMinor + Math.round(restMinor);
}

/** The terms of the churn logit, greatest first: they add up to it, and the logistic of their sum is churn. */
function reasonsOf(
  profile: Profile,
  relationship: Relationship,
  valuation: Valuation,
  asOf: number,
  model: Model,
): Reason[] {
  const { terms } = valuation;
  const reasons: Reason[] = [standingReason(profile, relationship, valuation, asOf, model)];
  for (let i = 0; i < terms.length; i++) {
    const logit = terms[i] as number;
    const term = HAZARD_TERMS[i];
    if (logit === 0 || term === undefined) continue;
    insert(reasons, { code: term.code, params: term.evidence(profile, asOf, model), logit });
  }
  return reasons;
}

/** Behind those that are as great: there are few, and a sort by a function costs more than the rest of a score. */
function insert(reasons: Reason[], reason: Reason): void {
  const size = Math.abs(reason.logit);
  let at = reasons.length;
  while (at > 0 && Math.abs((reasons[at - 1] as Reason).logit) < size) at--;
  reasons.splice(at, 0, reason);
}

/** What churn starts from, before the hazard. */
function standingReason(
  profile: Profile,
  { buyer, contract }: Relationship,
  { by, silence, silenceLogit }: Valuation,
  asOf: number,
  { artefact }: Model,
): Reason {
  const horizonDays = artefact.churnHorizonDays;
  if (by === "SILENCE" && buyer !== null) {
    // In whole days where it is, not in weeks times seven.
    const silentDays = Math.max(0, (asOf - buyer.bornAt) / DAY_MS - (profile.lastDay - profile.firstDay));
    const params = { silentDays, purchaseDays: buyer.x + 1, horizonDays, probability: silence };
    return { code: "SILENCE", params, logit: silenceLogit };
  }
  if (contract === null) throw new Error("churn is told by a contract that is not there");
  if (by === "LAPSE") {
    return { code: "CONTRACT_LAPSED", params: overEvidence(contract.terms, asOf), logit: silenceLogit };
  }
  const { at, before } = nextRenewal(contract.terms, asOf);
  const { renewsItself, termMs, agreedAt } = contract.terms;
  const params = {
    renewsInDays: (at - asOf) / DAY_MS,
    renewals: before,
    horizonDays,
    probability: silence,
    ...(renewsItself && { everyDays: termMs / DAY_MS }),
    ...(agreedAt === null && { byRecord: 1 }),
  };
  return { code: "CONTRACT_RENEWAL", params, logit: silenceLogit };
}

/** Of what the value and the churn feed on: a purchase or a contract, a repeat of either, an interaction, a customer record. */
function completenessOf(profile: Profile, relationship: Relationship | null): number {
  return (
    (Number(relationship !== null) +
      Number(repeatsOf(profile) > 0) +
      Number(profile.interactions.length > 0) +
      Number(profile.customerAt > 0)) /
    4
  );
}
