import type { InputRefusal } from "@tidemark/contracts";

/** What came of an event; the profile has changed only if it was applied. */
export type Outcome = "applied" | "duplicate" | "suppressed" | InputRefusal;

export function refused(code: string, reason: string): InputRefusal {
  return { kind: "refused", code, reason };
}
