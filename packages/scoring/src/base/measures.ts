import { interactionIndex } from "../apply-interaction.ts";
import { csatOf } from "../feedback-list.ts";
import type { BaseProfile } from "./base-profile.ts";

/**
 * What is summed over customers, in all and in each group of them. Whole numbers, all of them, so that what is taken out again leaves
 * nothing; money in minor units of the base currency.
 */
export const MEASURES = [
  "customers",
  "buyers",
  "repeatBuyers",
  "purchases",
  "revenueMinor",
  /** Customers with a value that stands. */
  "valued",
  "realisedMinor",
  "expectedMinor",
  "atRiskMinor",
  "csatCustomers",
  /** Means of customers as a share of the scale, times {@link CSAT_UNIT}. */
  "csatSum",
  "promoters",
  "passives",
  "detractors",
  "complainants",
  "complaints",
  "complaintsOpen",
  "resolved",
  "renewals",
  "terminations",
  "referrers",
  "referrals",
  "referralsConverted",
] as const;

export type Measure = (typeof MEASURES)[number];

export const CSAT_UNIT = 10_000;

/** Writes the measures of one customer, in the order of {@link MEASURES}. */
export function measure(profile: BaseProfile, into: Float64Array): void {
  const { purchaseDays, standing, voice, interactions } = profile;
  const csat = csatOf(profile.feedback);
  const hasRated = voice !== null && voice.npsAt > 0;
  const nps = voice?.nps ?? 0;
  const referrals = interactions[REFERRAL] ?? 0;
  const renewals = interactions[RENEW] ?? 0;
  let i = 0;
  into[i++] = 1;
  into[i++] = Number(purchaseDays > 0);
  into[i++] = Number(purchaseDays > 1);
  into[i++] = profile.purchases;
  into[i++] = profile.grossMinor - profile.refundMinor;
  into[i++] = Number(standing !== null);
  into[i++] = standing?.realisedMinor ?? 0;
  into[i++] = standing?.expectedMinor ?? 0;
  into[i++] = standing?.atRiskMinor ?? 0;
  into[i++] = Number(csat !== null);
  into[i++] = csat === null ? 0 : Math.round(csat * CSAT_UNIT);
  into[i++] = Number(hasRated && nps >= 9);
  into[i++] = Number(hasRated && nps >= 7 && nps < 9);
  into[i++] = Number(hasRated && nps < 7);
  into[i++] = Number(profile.complaints > 0);
  into[i++] = profile.complaints;
  into[i++] = profile.complaintsOpen;
  into[i++] = voice?.resolved ?? 0;
  into[i++] = renewals;
  // Who never had a contract has ended none: letters can be unsubscribed from too.
  into[i++] = renewals + (interactions[SUBSCRIBE] ?? 0) > 0 ? (interactions[UNSUBSCRIBE] ?? 0) : 0;
  into[i++] = Number(referrals > 0);
  into[i++] = referrals;
  into[i++] = voice?.referralsConverted ?? 0;
}

const REFERRAL = interactionIndex("REFERRAL");
const RENEW = interactionIndex("RENEW");
const SUBSCRIBE = interactionIndex("SUBSCRIBE");
const UNSUBSCRIBE = interactionIndex("UNSUBSCRIBE");
