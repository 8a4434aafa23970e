import type { Profile } from "@tidemark/contracts";
import { interactionIndex } from "./apply-interaction.ts";

/** How often a customer came back: repeat purchase days, or renewals of a contract if those are more. */
export function repeatsOf({ purchaseDays, interactions }: Pick<Profile, "purchaseDays" | "interactions">): number {
  return Math.max(0, purchaseDays - 1, interactions[RENEW] ?? 0);
}

/** Purchases that stand, and renewals. */
export function boughtOf({ purchases, interactions }: Pick<Profile, "purchases" | "interactions">): number {
  return purchases + (interactions[RENEW] ?? 0);
}

const RENEW = interactionIndex("RENEW");
