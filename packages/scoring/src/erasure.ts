import { emptyProfile, type Erasure, type Profile } from "@tidemark/contracts";

/**
 * What stays of a customer who is erased: nothing that the customer did.
 * @param appendedAt of the tombstone, ms since the epoch
 * @param referenceAt what times are measured by, ms since the epoch; null = nothing is known of the time
 */
export function erasureOf(profile: Profile, appendedAt: number, referenceAt: number | null): Erasure {
  const { version, lastEventAt, customerAt, erasedAt, erasureAppendedAt } = profile;
  return {
    // An event may be ahead of the clock: sent again after the erasure, it is still one of before.
    erasedAt: Math.max(referenceAt ?? 0, lastEventAt, customerAt, erasedAt),
    appendedAt: Math.max(appendedAt, erasureAppendedAt),
    version,
  };
}

/** The profile of an erased customer of whom nothing has come since. */
export function profileAfter({ erasedAt, appendedAt, version }: Erasure, customerId: string): Profile {
  return Object.assign(emptyProfile(customerId), { version, erasedAt, erasureAppendedAt: appendedAt });
}

/** Whether an event is of the time before the customer was erased: it then counts for nothing, wherever it comes from (R19). */
export function isBeforeErasure(
  { erasedAt, erasureAppendedAt }: Profile,
  occurredAt: number,
  appendedAt: number | undefined,
): boolean {
  if (erasureAppendedAt === 0) return false;
  return occurredAt <= erasedAt || (appendedAt !== undefined && appendedAt < erasureAppendedAt);
}
