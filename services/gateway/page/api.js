/**
 * Calls to the server, with the API key where it asks for one. The key lives in the tab's session storage only:
 * it is gone with the tab, and no other tab or site sees it.
 */

const STORED_AS = "tidemark-key";

/** The server wants a key, or another one than it was given. */
export class KeyRequired extends Error {}

/** An answer other than the one asked for. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** @param {string} key */
export function keepKey(key) {
  sessionStorage.setItem(STORED_AS, key);
}

/**
 * @param {string} path
 * @param {{ signal?: AbortSignal, headers?: Record<string, string> }} [options]
 * @returns {Promise<Response>} of a call that succeeded
 */
export async function call(path, options = {}) {
  const key = sessionStorage.getItem(STORED_AS);
  const response = await fetch(path, {
    cache: "no-store",
    signal: options.signal ?? null,
    headers: { ...options.headers, ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
  });
  if (response.ok) return response;
  if (response.status === 401) throw new KeyRequired();
  const problem = /** @type {{ code?: string, detail?: string }} */ (await response.json().catch(() => ({})));
  throw new Refused(response.status, problem.code ?? "", problem.detail ?? `The server answered ${response.status}.`);
}

/** @returns {Promise<import("../src/bodies.ts").SummaryBody>} */
export async function fetchSummary() {
  const response = await call("/v1/summary");
  return /** @type {import("../src/bodies.ts").SummaryBody} */ (await response.json());
}

/** @returns {Promise<import("../src/base-body.ts").BaseBody>} */
export async function fetchBase() {
  const response = await call("/v1/base");
  return /** @type {import("../src/base-body.ts").BaseBody} */ (await response.json());
}

/**
 * @param {string} customerId
 * @param {AbortSignal} signal
 * @returns {Promise<import("../src/bodies.ts").CustomerBody>}
 */
export async function fetchCustomer(customerId, signal) {
  const response = await call(`/v1/customers/${encodeURIComponent(customerId)}`, { signal });
  return /** @type {import("../src/bodies.ts").CustomerBody} */ (await response.json());
}
