import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { LOOPBACK_HOSTS } from "./config.ts";
import { Problem } from "./problem.ts";

/** Decides who may call. Throws a {@link Problem} (401, 421) for who may not. */
export type Access = (headers: IncomingHttpHeaders) => void;

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * With keys: one of them, as `Authorization: Bearer KEY` or `X-API-Key: KEY`. Without keys the server is bound to this
 * machine only; then the request must have been meant for this machine, so that a page from elsewhere that points its
 * own name at 127.0.0.1 (DNS rebinding) cannot read customers through the visitor's browser.
 */
export function createAccess(keys: readonly string[]): Access {
  if (keys.length === 0) return refuseOtherHosts;
  // Digests under a key of this process: equal lengths, and nothing learned from how far a comparison got.
  const secret = randomBytes(32);
  const digestOf = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  const digests = keys.map(digestOf);
  return (headers) => {
    const given = keyOf(headers);
    let known = false;
    if (given !== null) {
      const digest = digestOf(given);
      // Every key is compared, so that time does not tell which one came near.
      for (const key of digests) known = timingSafeEqual(key, digest) || known;
    }
    if (!known) throw new Problem(401, "KEY_REQUIRED", "The call needs a key: Authorization: Bearer, or X-API-Key.");
  };
}

function refuseOtherHosts(headers: IncomingHttpHeaders): void {
  const host = headers.host
    ?.replace(/:\d*$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  if (host !== undefined && LOOPBACK_HOSTS.has(host)) return;
  throw new Problem(421, "HOST_NOT_SERVED", "Without API keys this server answers only calls to localhost.");
}

function keyOf(headers: IncomingHttpHeaders): string | null {
  const own = headers["x-api-key"];
  if (typeof own === "string") return own;
  return BEARER.exec(headers.authorization ?? "")?.[1] ?? null;
}
