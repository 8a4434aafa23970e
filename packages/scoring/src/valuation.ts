import type { Profile } from "@tidemark/contracts";
import { logistic, logit, mbgStanding } from "@tidemark/models";
import { discountedRenewals, isRunning, nonRenewal } from "./contract.ts";
import { DAY_MS } from "./day-calendar.ts";
import { hazardTerms } from "./hazard/hazard.ts";
import type { Model } from "./model.ts";
import type { Buyer, ContractWorth, Relationship } from "./relationship.ts";

/** What churn and value are made of at one instant. Between two steps (`stepsUntil`) each part moves one way while no event happens. */
export interface Valuation {
  /** What churn is told by: the silence since the last purchase, the renewal of a running contract, or one that is over and nothing else. */
  readonly by: "SILENCE" | "RENEWAL" | "LAPSE";
  /** P(alive): of purchases; 1 while a contract runs, 0 once it has lapsed. */
  readonly alive: number;
  /**
   * Churn before the hazard, clipped so that its logit is finite: the probability of no purchase within the churn horizon; while a contract
   * runs, of a renewal within it that is not made.
   */
  readonly silence: number;
  readonly silenceLogit: number;
  /** Terms added to the logit of silence, in the order of HAZARD_TERMS. */
  readonly terms: readonly number[];
  /** Their sum. */
  readonly hazard: number;
  /** The logistic of silenceLogit + hazard. */
  readonly churn: number;
  /** Expected discounted margin of purchases, minor units: their CLV, which contains P(alive). It falls. */
  readonly purchasesMinor: number;
  /** Expected discounted margin of renewals, minor units. It rises between steps, as they come nearer. */
  readonly renewalsMinor: number;
  /** Both of a customer who is alive, minor units: CLV / P(alive). */
  readonly ifAliveMinor: number;
  /** CLV × (1 − churn)/(1 − silence), minor units: complaints lower it, engagement raises it. */
  readonly expectedMinor: number;
}

/** Silence is clipped to [this, 1 − this] before it is made a logit. */
const SILENCE_MIN = 1e-9;

/**
 * A running contract wins over purchases: churn is told by its renewals, and so is value where its price is known, since who sends
 * contracts often sends their fees as purchases too; where it is not, value is that of the purchases. Once the contract is over, churn and
 * value go on by purchases where there are any; where there are none the customer has left, until a SUBSCRIBE or RENEW comes.
 */
export function valuationAt(profile: Profile, relationship: Relationship, asOf: number, model: Model): Valuation {
  const { buyer, contract } = relationship;
  const {
    by,
    alive,
    silence: raw,
    purchasesMinor,
    renewalsMinor,
    ifAliveMinor,
  } = contract !== null && isRunning(contract.terms, asOf)
    ? contractStanding(buyer, contract, asOf, model)
    : buyer === null
      ? LAPSED
      : buyerStanding(buyer, asOf, model);
  const silence = Math.min(1 - SILENCE_MIN, Math.max(SILENCE_MIN, raw));
  const silenceLogit = logit(silence);
  const terms = hazardTerms(profile, asOf, model);
  let hazard = 0;
  // By index: this is where scoring spends most, and an iterator makes a number on the heap of each term.
  for (let i = 0; i < terms.length; i++) hazard += terms[i] as number;
  return {
    by,
    alive,
    silence,
    silenceLogit,
    terms,
    hazard,
    churn: logistic(silenceLogit + hazard),
    purchasesMinor,
    renewalsMinor,
    ifAliveMinor,
    expectedMinor: (purchasesMinor + renewalsMinor) * stayRatio(silence, hazard),
  };
}

type Standing = Pick<Valuation, "by" | "alive" | "silence" | "purchasesMinor" | "renewalsMinor" | "ifAliveMinor">;

/** Nothing is left to lose. */
const LAPSED: Standing = {
  by: "LAPSE",
  alive: 0,
  silence: 1,
  purchasesMinor: 0,
  renewalsMinor: 0,
  ifAliveMinor: 0,
};

function buyerStanding(buyer: Buyer, asOf: number, model: Model): Standing {
  const T = ageAt(buyer, asOf, model);
  const { alive, silence } = mbgStanding(model.artefact.purchases, buyer.x, buyer.tx, T, model.churnHorizon);
  const ifAliveMinor = model.discountedPurchases(buyer.x, T) * buyer.marginMinor;
  return { by: "SILENCE", alive, silence, purchasesMinor: alive * ifAliveMinor, renewalsMinor: 0, ifAliveMinor };
}

/** Whoever has a contract is alive. */
function contractStanding(
  buyer: Buyer | null,
  { terms, marginMinor }: ContractWorth,
  asOf: number,
  model: Model,
): Standing {
  const { renewals, churnHorizonMs, valueHorizonMs, logDiscountRate } = model;
  const purchasesMinor = buyer === null || marginMinor !== null ? 0 : buyerStanding(buyer, asOf, model).purchasesMinor;
  const renewalsMinor =
    marginMinor === null ? 0 : marginMinor * discountedRenewals(terms, renewals, asOf, valueHorizonMs, logDiscountRate);
  return {
    by: "RENEWAL",
    alive: 1,
    silence: nonRenewal(terms, renewals, asOf, churnHorizonMs),
    purchasesMinor,
    renewalsMinor,
    ifAliveMinor: purchasesMinor + renewalsMinor,
  };
}

/** T in the model's unit: continuous days since the end of the first purchase day, and never less than recency. */
function ageAt({ tx, bornAt }: Buyer, asOf: number, { artefact }: Model): number {
  return Math.max(tx, (asOf - bornAt) / (DAY_MS * artefact.timeUnitDays));
}

/** (1 − churn)/(1 − silence), where logit(churn) = logit(silence) + hazard. */
export function stayRatio(silence: number, hazard: number): number {
  return 1 / (1 - silence + silence * Math.exp(hazard));
}
