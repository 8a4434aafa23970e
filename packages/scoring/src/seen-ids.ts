import type { Profile } from "@tidemark/contracts";
import { type Fingerprint, FINGERPRINT_BYTES, findFingerprint, writeFingerprint } from "./fingerprint.ts";
import { copyBytes } from "./packed-numbers.ts";

/** How many of the newest event ids decide duplicates (R20): 512 bytes a customer at most. */
export const SEEN_IDS_MAX = 64;

/** Whether an event of that id was applied among the newest {@link SEEN_IDS_MAX}. */
export function hasSeen(profile: Profile, id: Fingerprint): boolean {
  return findFingerprint(profile.seen, FINGERPRINT_BYTES, id) >= 0;
}

export function recordSeen(profile: Profile, id: Fingerprint): void {
  const { seen, seenNext } = profile;
  if (seen.length < SEEN_IDS_MAX * FINGERPRINT_BYTES) {
    const longer = Buffer.allocUnsafe(seen.length + FINGERPRINT_BYTES);
    copyBytes(seen, 0, seen.length, longer, 0);
    writeFingerprint(id, longer, seen.length);
    profile.seen = longer;
    return;
  }
  writeFingerprint(id, seen, seenNext * FINGERPRINT_BYTES);
  profile.seenNext = (seenNext + 1) % SEEN_IDS_MAX;
}
