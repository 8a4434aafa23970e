import type { Profile } from "@tidemark/contracts";
import { type Fingerprint, FINGERPRINT_BYTES, findFingerprint, writeFingerprint } from "./fingerprint.ts";
import { copyBytes } from "./packed-numbers.ts";

/** How many of the newest event ids decide duplicates (R20): 512 bytes a customer at most. */
export const SEEN_IDS_MAX = 64;

/** Whether an event of that id was applied among the newest {@link SEEN_IDS_MAX}. */
export function hasSeen(profile: Profile, id: Fingerprint): boolean {
  return findFingerprint(profile.seen, FINGERPRINT_BYTES, id) >= 0;
}

/**
 * The list grows to twice its places, from {@link GROWTH_IDS_MIN} on and by {@link GROWTH_IDS_MAX} at the most, zeros until they are taken,
 * and then goes round; `seenNext` is the place to be taken next. Lists of earlier versions grew by one place with every id: `seenNext` stood at 0 until they were full.
 */
export function recordSeen(profile: Profile, id: Fingerprint): void {
  const { seen } = profile;
  const places = seen.length / FINGERPRINT_BYTES;
  let place = profile.seenNext;
  if (places < SEEN_IDS_MAX && (place === 0 || place === places)) {
    place = places;
    const growth = Math.min(Math.max(places, GROWTH_IDS_MIN), GROWTH_IDS_MAX);
    const longer = Buffer.allocUnsafe(Math.min(SEEN_IDS_MAX, places + growth) * FINGERPRINT_BYTES);
    copyBytes(seen, 0, seen.length, longer, 0);
    longer.fill(0, seen.length);
    profile.seen = longer;
  }
  writeFingerprint(id, profile.seen, place * FINGERPRINT_BYTES);
  profile.seenNext = place + 1 === SEEN_IDS_MAX ? 0 : place + 1;
}

/** Of most customers there are few events. */
const GROWTH_IDS_MIN = 2;
const GROWTH_IDS_MAX = 8;
