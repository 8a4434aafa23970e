import { hash } from "node:crypto";

/**
 * The id of a record by what makes it the one it is, in an order that is its kind's own: the same whoever makes it again. Hashed, since
 * ids go to whoever reads the topics and streams, and what they are made of names a customer.
 */
export function recordId(kind: "tier-change" | "alert", ...parts: readonly (string | number)[]): string {
  return hash("sha256", [kind, ...parts].join("\n"), "hex").slice(0, 32);
}
