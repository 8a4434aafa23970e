import type { Profile } from "@tidemark/contracts";

/** What holds for a customer who said nothing of the purpose `scoring`. */
export type ConsentDefault = "granted" | "denied";

/** The purpose of the customer record's consent that governs this pipeline. */
export const CONSENT_PURPOSE = "scoring";

/** Whether events of the customer are not to be used, and no score is to be made. */
export function isSuppressed({ consent }: Pick<Profile, "consent">, consentDefault: ConsentDefault): boolean {
  return consent === "WITHDRAWN" || (consent === "UNKNOWN" && consentDefault === "denied");
}
