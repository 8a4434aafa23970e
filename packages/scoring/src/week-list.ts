import type { Profile } from "@tidemark/contracts";
import type { DayCalendar } from "./day-calendar.ts";
import {
  copyBytes,
  type Cursor,
  NUMBER_BYTES_MAX,
  numberBytes,
  readNumber,
  skipNumber,
  unzigzag,
  writeNumber,
  zigzag,
} from "./packed-numbers.ts";

/**
 * What a customer did by the week, beside purchase days, which are kept by the day: the trailing year is made of it. Owns the format of
 * `Profile.weeks`.
 *
 * W1 Weeks are whole, Monday to Sunday in the installation's zone; the trailing year is the last {@link YEAR_WEEKS}, the running one
 *    among them: 358 to 364 days.
 * W2 Sums are whole numbers, so they are the same in whatever order events came, and what is taken back leaves nothing.
 * W3 A week {@link WEEKS_MAX} or more before the newest is never read: events run ahead of the clock by a day at most, so that no trailing
 *    year reaches so far back. It is taken out once the list is long; what comes for it counts in lifetime sums alone.
 * W4 The newest week stands first: an event of the running week, the usual case, rewrites a few bytes whatever the length of the list.
 */
export const WEEK_SUMS = [
  "visits",
  /** Interactions of the customer's own doing, visits excepted. */
  "actions",
  "marginMinor",
  /** The net amount that `marginMinor` is the margin of. */
  "marginOfMinor",
  "refundMinor",
  "costMilliMinor",
  "exposures",
  "clicks",
  "serviceUses",
  "referralsConverted",
] as const;

export type WeekSum = (typeof WEEK_SUMS)[number];

export interface WeekEntry {
  readonly week: number;
  /** In the order of {@link WEEK_SUMS}. */
  readonly sums: number[];
}

export const YEAR_WEEKS = 52;

/** A year, and the week that an event may run ahead: at most 3.2 kB, 4 sums of money of 8 bytes and 6 counts of 4 a week. */
export const WEEKS_MAX = YEAR_WEEKS + 1;

/** Weeks since the one of 1970-01-01, a Thursday. @param day local, days since 1970-01-01 */
export function weekOf(day: number): number {
  return Math.floor((day + 3) / 7);
}

/** The first day of a week. */
export function firstDayOf(week: number): number {
  return week * 7 - 3;
}

/** The first week of the trailing year. @param asOf ms since the epoch */
export function yearStart(asOf: number, calendar: DayCalendar): number {
  return weekOf(calendar.dayOf(asOf)) - YEAR_WEEKS + 1;
}

/** Adds to one sum of the week of a local day; to an older week than are kept: nothing. */
export function addToWeek(profile: Profile, day: number, sum: WeekSum, value: number): void {
  if (value === 0) return;
  const week = weekOf(day);
  const index = INDEX[sum];
  const { weeks } = profile;
  const cursor: Cursor = { bytes: weeks, at: 0 };
  const newest = weeks.length === 0 ? -1 : readNumber(cursor);
  if (week === newest) {
    const sumsAt = cursor.at;
    if (addInPlace(cursor, index, value)) return;
    cursor.at = sumsAt;
    const sums = readSums(cursor);
    sums[index] = (sums[index] as number) + value;
    profile.weeks = withHead(weeks, cursor.at, writeEntry(SCRATCH, 0, week, sums));
    return;
  }
  if (week > newest && weeks.length <= TRIM_BYTES) {
    let end = writeNumber(SCRATCH, 0, week);
    end = writeNumber(SCRATCH, end, 1 << index);
    end = writeNumber(SCRATCH, end, zigzag(value));
    if (newest >= 0) end = writeNumber(SCRATCH, end, week - newest);
    profile.weeks = withHead(weeks, cursor.at, end);
    return;
  }
  addToAnyWeek(profile, week, index, value);
}

/**
 * Adds to a sum of the entry at the cursor where that leaves all its bytes but the sum's own as they are.
 * @returns whether it did
 */
function addInPlace(cursor: Cursor, index: number, value: number): boolean {
  const { bytes } = cursor;
  const mask = readNumber(cursor);
  if ((mask & (1 << index)) === 0) return false;
  for (let earlier = mask & ((1 << index) - 1); earlier !== 0; earlier &= earlier - 1) skipNumber(cursor);
  const start = cursor.at;
  const sum = unzigzag(readNumber(cursor)) + value;
  if (sum === 0 || numberBytes(zigzag(sum)) !== cursor.at - start) return false;
  writeNumber(bytes, start, zigzag(sum));
  return true;
}

function addToAnyWeek(profile: Profile, week: number, index: number, value: number): void {
  const entries = unpackWeeks(profile.weeks);
  const newest = Math.max(week, entries[0]?.week ?? week);
  if (week <= newest - WEEKS_MAX) return;
  let at = entries.findIndex((entry) => entry.week <= week);
  if (at < 0) at = entries.length;
  if (entries[at]?.week !== week) entries.splice(at, 0, { week, sums: noSums() });
  const { sums } = entries[at] as WeekEntry;
  sums[index] = (sums[index] as number) + value;
  profile.weeks = packWeeks(entries.filter((entry) => entry.week > newest - WEEKS_MAX));
}

/** The list with what stands in the scratch up to `end` in the place of its first `before` bytes; written over where both are as long. */
function withHead(weeks: Buffer, before: number, end: number): Buffer {
  if (end === before) {
    copyBytes(SCRATCH, 0, end, weeks, 0);
    return weeks;
  }
  const changed = Buffer.allocUnsafe(weeks.length - before + end);
  copyBytes(SCRATCH, 0, end, changed, 0);
  copyBytes(weeks, before, weeks.length, changed, end);
  return changed;
}

/** One sum over the weeks from the first on, without unpacking the others. */
export function sumSince(weeks: Buffer, firstWeek: number, sum: WeekSum): number {
  const index = INDEX[sum];
  const cursor: Cursor = { bytes: weeks, at: 0 };
  let week = 0;
  let total = 0;
  while (cursor.at < weeks.length) {
    const number = readNumber(cursor);
    week = week === 0 ? number : week - number;
    if (week < firstWeek) break;
    const mask = readNumber(cursor);
    for (let i = 0; i < WEEK_SUMS.length; i++) {
      if ((mask & (1 << i)) === 0) continue;
      const value = readNumber(cursor);
      if (i === index) total += unzigzag(value);
    }
  }
  return total;
}

/** Newest first. */
export function unpackWeeks(packed: Buffer): WeekEntry[] {
  const entries: WeekEntry[] = [];
  const cursor: Cursor = { bytes: packed, at: 0 };
  let before = 0;
  while (cursor.at < packed.length) {
    const number = readNumber(cursor);
    const week = entries.length === 0 ? number : before - number;
    entries.push({ week, sums: readSums(cursor) });
    before = week;
  }
  return entries;
}

function packWeeks(entries: readonly WeekEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(entries.length * ENTRY_BYTES_MAX);
  let at = 0;
  let before: number | null = null;
  for (const { week, sums } of entries) {
    at = writeEntry(bytes, at, before === null ? week : before - week, sums);
    before = week;
  }
  return Buffer.from(bytes.subarray(0, at));
}

function writeEntry(bytes: Buffer, from: number, number: number, sums: readonly number[]): number {
  let mask = 0;
  for (let i = 0; i < sums.length; i++) if (sums[i] !== 0) mask |= 1 << i;
  let at = writeNumber(bytes, from, number);
  at = writeNumber(bytes, at, mask);
  for (const sum of sums) if (sum !== 0) at = writeNumber(bytes, at, zigzag(sum));
  return at;
}

function readSums(cursor: Cursor): number[] {
  const mask = readNumber(cursor);
  const sums = noSums();
  for (let i = 0; i < sums.length; i++) if ((mask & (1 << i)) !== 0) sums[i] = unzigzag(readNumber(cursor));
  return sums;
}

function noSums(): number[] {
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}

const INDEX: Readonly<Record<WeekSum, number>> = {
  visits: 0,
  actions: 1,
  marginMinor: 2,
  marginOfMinor: 3,
  refundMinor: 4,
  costMilliMinor: 5,
  exposures: 6,
  clicks: 7,
  serviceUses: 8,
  referralsConverted: 9,
};

/** Above it weeks that are too old are taken out when a new one begins. */
const TRIM_BYTES = 320;

/** A week, its mask and sums, and the number of the week that was first before. */
const ENTRY_BYTES_MAX = (3 + WEEK_SUMS.length) * NUMBER_BYTES_MAX;
/** Written and copied from within one call. */
const SCRATCH = Buffer.alloc(ENTRY_BYTES_MAX);
