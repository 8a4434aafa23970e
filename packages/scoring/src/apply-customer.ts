import { type Customer, emptyProfile, type InputRefusal, type Profile } from "@tidemark/contracts";
import { CONSENT_PURPOSE, type ConsentDefault, isSuppressed } from "./consent.ts";

/** The newest record replaces the one before, whatever order they come in. Where consent is withdrawn, the profile is emptied. */
export function applyCustomer(
  profile: Profile,
  customer: Customer,
  at: number,
  consentDefault: ConsentDefault,
): InputRefusal | null {
  if (at < profile.customerAt) return null;
  const given = customer.consent[CONSENT_PURPOSE];
  profile.customerAt = at;
  profile.consent = given === undefined ? "UNKNOWN" : given ? "GRANTED" : "WITHDRAWN";
  if (isSuppressed(profile, consentDefault)) {
    suppress(profile, at);
    return null;
  }
  profile.suppressedSince = 0;
  profile.segment = customer.segment ?? "";
  profile.industry = customer.industry ?? "";
  profile.region = customer.region ?? "";
  return null;
}

/** Forgets all but what later versions, consents and tombstones depend on. */
function suppress(profile: Profile, at: number): void {
  const { customerId, version, scoredAt, consent, customerAt, suppressedSince } = profile;
  Object.assign(profile, emptyProfile(customerId), {
    version,
    // Kept until the tombstone of the last score is out.
    scoredAt,
    consent,
    customerAt,
    suppressedSince: suppressedSince === 0 ? at : suppressedSince,
  });
}
