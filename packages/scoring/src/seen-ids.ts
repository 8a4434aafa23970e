import type { Profile } from "@tidemark/contracts";
import { FINGERPRINT_BYTES, findFingerprint, fingerprintOf, writeFingerprint } from "./fingerprint.ts";

/** How many of the newest event ids decide duplicates (R20): 512 bytes a customer at most. */
export const SEEN_IDS_MAX = 64;

/** Whether an event of that id was applied among the newest {@link SEEN_IDS_MAX}. */
export function hasSeen(profile: Profile, eventId: string): boolean {
  const { seen } = profile;
  return seen.length > 0 && findFingerprint(seen, FINGERPRINT_BYTES, fingerprintOf(eventId)) >= 0;
}

export function recordSeen(profile: Profile, eventId: string): void {
  const { seen, seenNext } = profile;
  if (seen.length < SEEN_IDS_MAX * FINGERPRINT_BYTES) {
    const longer = Buffer.allocUnsafe(seen.length + FINGERPRINT_BYTES);
    seen.copy(longer);
    writeFingerprint(eventId, longer, seen.length);
    profile.seen = longer;
    return;
  }
  writeFingerprint(eventId, seen, seenNext * FINGERPRINT_BYTES);
  profile.seenNext = (seenNext + 1) % SEEN_IDS_MAX;
}
