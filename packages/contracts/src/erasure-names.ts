import { createHmac } from "node:crypto";

/** How the markers of erased customers are named: by a hash under a secret, which leads back to an id only for who has both. */
export interface ErasureNames {
  /** @returns 43 characters of base64url: HMAC-SHA-256 of the id */
  markerKey(customerId: string): string;
  /** Differs where the secret differs, and tells nothing of it: it may stand in the log. */
  readonly check: string;
}

/** @param secret at least 32 characters that nobody can guess; with another one no marker is ever found again */
export function createErasureNames(secret: string): ErasureNames {
  const keyed = (purpose: string, text: string): Buffer =>
    createHmac("sha256", secret).update(`${purpose}\n${text}`).digest();
  return {
    markerKey: (customerId) => keyed("customer", customerId).toString("base64url"),
    check: keyed("check", "").subarray(0, CHECK_BYTES).toString("base64url"),
  };
}

/** Two secrets of one installation look alike once in 2⁶⁴ times. */
const CHECK_BYTES = 8;
