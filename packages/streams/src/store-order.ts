import type { Entry } from "./entry-cache.ts";

/**
 * Entries nearly in the order of the store's rows. LevelDB looks for the place of each row that it is given among all that it holds in
 * memory: where the place is beside the one before, the way there still lies in the processor's caches (docs/performance.md has what that gains).
 *
 * Only the few characters behind what nearly all keys begin with are looked at: plain numbers are sorted without a call for each comparison,
 * which would cost more than the order gains.
 */
export function inStoreOrder(entries: readonly Entry[]): readonly Entry[] {
  const { length } = entries;
  if (length < ENTRIES_MIN) return entries;
  const prefix = prefixOf(entries);
  const places = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    places[index] = placeOf((entries[index] as Entry).key, prefix) * length + index;
  }
  places.sort();
  return Array.from({ length }, (_, index) => entries[(places[index] as number) % length] as Entry);
}

/** What keys begin with, but for the few at both ends of their order, which may be of another kind. */
function prefixOf(entries: readonly Entry[]): string {
  const step = Math.floor(entries.length / SAMPLE);
  const sample = Array.from({ length: SAMPLE }, (_, index) => (entries[index * step] as Entry).key).sort();
  const low = sample[SAMPLE / 8] as string;
  const high = sample[SAMPLE - SAMPLE / 8] as string;
  let length = 0;
  while (length < low.length && low.charCodeAt(length) === high.charCodeAt(length)) length++;
  return low.slice(0, length);
}

/**
 * From 0 to 2^28 − 1, so that 2^25 entries can be told apart beside it. Of two keys in ASCII with the prefix the first in order has no higher one;
 * those of another kind come first.
 */
function placeOf(key: string, prefix: string): number {
  if (!key.startsWith(prefix)) return 0;
  let place = 0;
  for (let index = prefix.length; index < prefix.length + PLACE_UNITS; index++) {
    const unit = index < key.length ? Math.min(key.charCodeAt(index), UNIT_MAX) : 0;
    place = place * (UNIT_MAX + 1) + unit;
  }
  return place;
}

const PLACE_UNITS = 4;
const UNIT_MAX = 0x7f;
const SAMPLE = 64;
/** The ways to fewer lie in the caches anyway. */
export const ENTRIES_MIN = 1_000;
