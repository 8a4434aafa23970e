import { type Customer, type CustomerFacts, emptyProfile, type InputRefusal, type Profile } from "@tidemark/contracts";
import { CONSENT_PURPOSE, type ConsentDefault, isSuppressed } from "./consent.ts";
import { toBaseMinor } from "./currency.ts";
import type { Model } from "./model.ts";
import { boundedName } from "./name-table.ts";
import { refused } from "./outcome.ts";

/** The newest record replaces the one before, whatever order they come in. Where consent is withdrawn, the profile is emptied. */
export function applyCustomer(
  profile: Profile,
  customer: Customer,
  at: number,
  consentDefault: ConsentDefault,
  model: Model,
): InputRefusal | null {
  if (at < profile.customerAt) return null;
  const given = customer.consent[CONSENT_PURPOSE];
  const consent = given === undefined ? "UNKNOWN" : given ? "GRANTED" : "WITHDRAWN";
  // Whatever else the record says, and whether or not it can be used.
  if (isSuppressed({ consent }, consentDefault)) {
    suppress(profile, consent, at);
    return null;
  }
  const facts = factsOf(customer, model);
  if (facts === null) return refused("NO_RATE", "/currency has no rate to the base currency in the model");
  profile.customerAt = at;
  profile.consent = consent;
  profile.suppressedSince = 0;
  profile.segment = boundedName(customer.segment ?? "", FACT_BYTES_MAX);
  profile.industry = boundedName(customer.industry ?? "", FACT_BYTES_MAX);
  profile.region = boundedName(customer.region ?? "", FACT_BYTES_MAX);
  profile.facts = facts;
  return null;
}

/** Longer names of custom numbers are not kept, so that the profile stays small. */
export const CUSTOM_NAME_BYTES_MAX = 48;

/** What indicators may use: nothing that the record marks as protected. @returns null if there is no rate for its amounts */
function factsOf(customer: Customer, model: Model): CustomerFacts | null {
  const hidden = new Set(customer.protected);
  const kept = <Name extends keyof Customer>(name: Name): Customer[Name] | null =>
    hidden.has(name) ? null : customer[name];
  const { currency } = customer;
  const hasRate = currency === null || toBaseMinor(0, currency, model) !== null;
  if (!hasRate && AMOUNTS.some((name) => kept(name) !== null)) return null;
  const money = (name: (typeof AMOUNTS)[number]): number | null => {
    const amountMinor = kept(name);
    const baseMinor = amountMinor === null || currency === null ? null : toBaseMinor(amountMinor, currency, model);
    // Beyond it an amount would not be exact.
    return baseMinor !== null && Math.abs(baseMinor) <= AMOUNT_EXACT_MAX ? baseMinor : null;
  };
  return {
    creditLimitMinor: money("creditLimitMinor"),
    debtRatio: kept("debtRatio"),
    solvencyRatio: kept("solvencyRatio"),
    potentialSpendMinor: money("potentialSpendMinor"),
    assetsMinor: money("assetsMinor"),
    strategicImportance: kept("strategicImportance"),
    contractEndsAt: kept("contractEndsAt"),
    paymentTermsDays: kept("paymentTermsDays"),
    acquisitionCostMinor: money("acquisitionCostMinor"),
    custom: Object.fromEntries(
      Object.entries(customer.custom).filter(
        ([name]) => !hidden.has(name) && Buffer.byteLength(name) <= CUSTOM_NAME_BYTES_MAX,
      ),
    ),
  };
}

/** A longer segment, industry or region is cut there. */
export const FACT_BYTES_MAX = 48;
const AMOUNT_EXACT_MAX = 2 ** 52;
const AMOUNTS = ["creditLimitMinor", "potentialSpendMinor", "assetsMinor", "acquisitionCostMinor"] as const;

/** Forgets all but what later versions, consents and tombstones depend on. */
function suppress(profile: Profile, consent: Profile["consent"], at: number): void {
  const { customerId, version, scoredAt, suppressedSince, erasedAt, erasureAppendedAt } = profile;
  Object.assign(profile, emptyProfile(customerId), {
    version,
    // Kept until the tombstone of the last score is out.
    scoredAt,
    consent,
    customerAt: at,
    suppressedSince: suppressedSince === 0 ? at : suppressedSince,
    erasedAt,
    erasureAppendedAt,
  });
}
