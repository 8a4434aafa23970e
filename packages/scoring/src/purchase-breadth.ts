import type { Profile } from "@tidemark/contracts";
import { forwardWeight, SPEND_HALF_LIFE_MS } from "./decayed-sum.ts";
import { boundedName, findInTable, openInTable, tableEntries, type TableShape, valueAtIndex } from "./name-table.ts";
import { nameEnd, readName, writeName } from "./packed-names.ts";
import { copyBytes } from "./packed-numbers.ts";

/** What was bought of a category. */
export interface CategorySpend {
  readonly purchases: number;
  readonly grossMinor: number;
  /** Gross spend by forward decay: only its ratio to that of other categories means something. */
  readonly recent: number;
}

/** How a channel was used. */
export interface ChannelUse {
  readonly name: string;
  readonly purchases: number;
  /** Interactions, exposures to campaigns excepted. */
  readonly contacts: number;
}

/** Where a purchase stands in the lists of categories and channels; −1 = nowhere. */
export interface PurchasePlace {
  readonly category: number;
  readonly channel: number;
}

export const CATEGORIES: TableShape = { entriesMax: 16, valueBytes: 20, nameBytesMax: 0 };
export const CHANNELS: TableShape = { entriesMax: 8, valueBytes: 8, nameBytesMax: 32 };

/** Makes room for the category and channel of a purchase. @param known only looks them up */
export function placeOf(
  profile: Profile,
  { category, channel }: { readonly category: string | null; readonly channel: string | null },
  known: "known" | "new",
): PurchasePlace {
  if (known === "known") {
    return {
      category: category === null ? -1 : (findInTable(profile.categories, CATEGORIES, category)?.index ?? -1),
      channel: channel === null ? -1 : (findInTable(profile.channels, CHANNELS, channel)?.index ?? -1),
    };
  }
  let categoryIndex = -1;
  if (category !== null) {
    const { table, entry } = openInTable(profile.categories, CATEGORIES, category);
    profile.categories = table;
    categoryIndex = entry?.index ?? -1;
    rememberName(profile, categoryIndex, category);
  }
  let channelIndex = -1;
  if (channel !== null) {
    const { table, entry } = openInTable(profile.channels, CHANNELS, channel);
    profile.channels = table;
    channelIndex = entry?.index ?? -1;
  }
  return { category: categoryIndex, channel: channelIndex };
}

/** How many categories are known by name, and how much of it. */
const CATEGORY_NAMES_MAX = 8;
const CATEGORY_NAME_BYTES_MAX = 16;

export const CATEGORY_NAMES_BYTES_MAX = CATEGORY_NAMES_MAX * (1 + CATEGORY_NAME_BYTES_MAX);

/** Categories that were counted before names were kept get theirs when they are bought again. */
function rememberName(profile: Profile, index: number, category: string): void {
  if (index < 0 || index >= CATEGORY_NAMES_MAX) return;
  const { categoryNames } = profile;
  let at = 0;
  let missing = index;
  for (; missing > 0 && at < categoryNames.length; missing--) at = nameEnd(categoryNames, at);
  if ((categoryNames[at] ?? 0) > 0) return;
  const name = boundedName(category, CATEGORY_NAME_BYTES_MAX);
  const nameAt = at + missing;
  const restAt = nameAt + 1 + Buffer.byteLength(name);
  // Its place, if there is one, is one byte that says 0.
  const rest = Math.min(at + 1, categoryNames.length);
  const named = Buffer.allocUnsafe(restAt + categoryNames.length - rest);
  copyBytes(categoryNames, 0, at, named, 0);
  named.fill(0, at, nameAt);
  writeName(named, nameAt, name);
  copyBytes(categoryNames, rest, categoryNames.length, named, restAt);
  profile.categoryNames = named;
}

function categoryNamesOf(packed: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < packed.length; at = nameEnd(packed, at)) names.push(readName(packed, at));
  return names;
}

/** Adds a purchase at its place, or takes it back. */
export function addAtPlace(
  profile: Profile,
  place: PurchasePlace,
  sign: 1 | -1,
  amountMinor: number,
  at: number,
): void {
  if (place.category >= 0) {
    const { categories } = profile;
    const start = place.category * CATEGORY_BYTES + FINGERPRINT_BYTES;
    const purchases = Math.max(0, categories.readUInt32LE(start) + sign);
    categories.writeUInt32LE(purchases, start);
    const weighed = sign * amountMinor * forwardWeight(at, SPEND_HALF_LIFE_MS);
    // Not a residue of rounding.
    const gross = purchases === 0 ? 0 : categories.readDoubleLE(start + GROSS_AT) + sign * amountMinor;
    const recent = purchases === 0 ? 0 : categories.readDoubleLE(start + RECENT_AT) + weighed;
    categories.writeDoubleLE(gross, start + GROSS_AT);
    categories.writeDoubleLE(recent, start + RECENT_AT);
  }
  if (place.channel >= 0) addUInt32(profile.channels, valueAtIndex(profile.channels, CHANNELS, place.channel), sign);
}

/** Counts a contact by a channel that is no purchase. */
export function addContact(profile: Profile, name: string): void {
  const { table, entry } = openInTable(profile.channels, CHANNELS, name);
  profile.channels = table;
  if (entry !== null) addUInt32(table, entry.valueAt + CONTACTS_AT, 1);
}

/** Categories with a purchase that stands. */
export function categoriesOf({ categories }: Profile): CategorySpend[] {
  return tableEntries(categories, CATEGORIES)
    .map(({ valueAt }) => ({
      purchases: categories.readUInt32LE(valueAt),
      grossMinor: categories.readDoubleLE(valueAt + GROSS_AT),
      recent: categories.readDoubleLE(valueAt + RECENT_AT),
    }))
    .filter(({ purchases }) => purchases > 0);
}

/**
 * What the gross spend would be if that of a category counted as much as it says; where a category is not known to it, or a purchase to
 * the list, with `otherwise`.
 * @param factors by {@link nameFingerprint} of the category
 */
export function weighedSpendMinor(
  { categories, grossMinor }: Profile,
  factors: ReadonlyMap<number, number>,
  otherwise: number,
): number {
  let weighed = grossMinor * otherwise;
  for (let at = 0; at < categories.length; at += CATEGORY_BYTES) {
    const factor = factors.get(categories.readInt32LE(at));
    if (factor !== undefined) {
      weighed += categories.readDoubleLE(at + FINGERPRINT_BYTES + GROSS_AT) * (factor - otherwise);
    }
  }
  return weighed;
}

/** What was bought of each category, by name; "" where a name is not kept. Both as in the profile. */
export function namedCategoriesOf(categories: Buffer, categoryNames: Buffer): NamedCategory[] {
  const names = categoryNamesOf(categoryNames);
  const named: NamedCategory[] = [];
  for (let at = FINGERPRINT_BYTES, i = 0; at < categories.length; at += CATEGORY_BYTES, i++) {
    const purchases = categories.readUInt32LE(at);
    if (purchases === 0) continue;
    named.push({ name: names[i] ?? "", purchases, grossMinor: categories.readDoubleLE(at + GROSS_AT) });
  }
  return named;
}

export interface NamedCategory {
  readonly name: string;
  readonly purchases: number;
  readonly grossMinor: number;
}

/** Which they are: the fingerprints of their names. */
export function categoryKeysOf({ categories }: Profile): string[] {
  return tableEntries(categories, CATEGORIES)
    .filter(({ valueAt }) => categories.readUInt32LE(valueAt) > 0)
    .map(({ valueAt }) => categories.toString("hex", valueAt - FINGERPRINT_BYTES, valueAt));
}

/** Channels that were used. */
export function channelsOf({ channels }: Profile): ChannelUse[] {
  return tableEntries(channels, CHANNELS)
    .map(({ name, valueAt }) => ({
      name,
      purchases: channels.readUInt32LE(valueAt),
      contacts: channels.readUInt32LE(valueAt + CONTACTS_AT),
    }))
    .filter(({ purchases, contacts }) => purchases + contacts > 0);
}

const FINGERPRINT_BYTES = 4;
const CATEGORY_BYTES = FINGERPRINT_BYTES + CATEGORIES.valueBytes;
const GROSS_AT = 4;
const RECENT_AT = 12;
const CONTACTS_AT = 4;

/** Counts stop at what four bytes hold. */
function addUInt32(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(Math.min(0xffff_ffff, Math.max(0, bytes.readUInt32LE(at) + value)), at);
}
