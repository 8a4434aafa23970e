import type { Profile } from "@tidemark/contracts";
import { gammaGammaMean } from "@tidemark/models";
import { type Contract, contractOf } from "./contract.ts";
import { DAY_MS } from "./day-calendar.ts";
import { countDaysSince } from "./day-list.ts";
import type { Model } from "./model.ts";
import { weighedSpendMinor } from "./purchase-breadth.ts";
import { firstDayOf, sumSince, yearStart } from "./week-list.ts";

/** What of a customer's worth does not change while nothing happens. One of the two is there. */
export interface Relationship {
  /** null = never bought. */
  readonly buyer: Buyer | null;
  /** null = never had one. */
  readonly contract: ContractWorth | null;
}

/** Of purchases. Times in the model's unit. */
export interface Buyer {
  /** Repeat purchase days and recency. */
  readonly x: number;
  readonly tx: number;
  /** When the first purchase day ended, ms: age is counted from there. */
  readonly bornAt: number;
  /** Margin expected of one more purchase day, refunds and what it costs to serve taken off, minor units. */
  readonly marginMinor: number;
}

export interface ContractWorth {
  readonly terms: Contract;
  /** Margin of one more term, what it costs to serve taken off, minor units; null = its price is not known. */
  readonly marginMinor: number | null;
}

/** @returns null for a prospect: no purchase and no contract */
export function relationshipOf(profile: Profile, model: Model): Relationship | null {
  const buyer = buyerOf(profile, model);
  const terms = contractOf(profile, model.renewals);
  if (terms === null) return buyer === null ? null : { buyer, contract: null };
  const costMinor = (costOfYearMinor(profile, model) * terms.termMs) / YEAR_MS;
  const marginMinor = terms.amountMinor === 0 ? null : terms.amountMinor * model.artefact.marginRate - costMinor;
  return { buyer, contract: { terms, marginMinor } };
}

const YEAR_MS = 365 * DAY_MS;

/** @returns null for a customer without a purchase */
export function buyerOf(profile: Profile, model: Model): Buyer | null {
  if (profile.purchaseDays === 0) return null;
  const { artefact, calendar, minorPerMajor } = model;
  const x = profile.purchaseDays - 1;
  const repeatMajor = x === 0 ? 0 : (profile.grossMinor - profile.firstDayGrossMinor) / minorPerMajor;
  const meanMinor = gammaGammaMean(artefact.spend, x, repeatMajor) * minorPerMajor;
  // The customer's own share of refunds, drawn towards that of all by one purchase.
  const refundMinor = profile.refundMinor + (artefact.value?.refundRate ?? 0) * meanMinor;
  const keptShare = Math.max(0, 1 - refundMinor / (profile.grossMinor + meanMinor));
  return {
    x,
    tx: (profile.lastDay - profile.firstDay) / artefact.timeUnitDays,
    bornAt: calendar.endOf(profile.firstDay),
    marginMinor: meanMinor * marginRateOf(profile, model) * keptShare - costOfDayMinor(profile, model),
  };
}

/** Margin in a customer's spend where events do not say it: by what he buys where the artefact tells categories apart. */
export function marginRateOf(profile: Profile, { artefact, categoryRates }: Model): number {
  return categoryRates === null || profile.grossMinor <= 0
    ? artefact.marginRate
    : weighedSpendMinor(profile, categoryRates, artefact.marginRate) / profile.grossMinor;
}

/** What serving the customer costs with one more purchase day, by the trailing year. */
function costOfDayMinor(profile: Profile, model: Model): number {
  const costMinor = costOfYearMinor(profile, model);
  if (costMinor === 0) return 0;
  const firstDay = firstDayOf(yearStart(profile.lastEventAt, model.calendar));
  return costMinor / Math.max(1, countDaysSince(profile.days, firstDay));
}

/**
 * Cost to serve of the trailing year, minor units; 0 where value is not net of it. The year is the one up to the newest event, so that it
 * does not change while nothing happens.
 */
function costOfYearMinor(profile: Profile, { artefact, calendar }: Model): number {
  if (artefact.value?.netOfCosts !== true || profile.trade === null || profile.trade.costMilliMinor === 0) return 0;
  return sumSince(profile.weeks, yearStart(profile.lastEventAt, calendar), "costMilliMinor") / 1000;
}
