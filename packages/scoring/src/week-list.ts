import type { Profile } from "@tidemark/contracts";
import type { DayCalendar } from "./day-calendar.ts";
import { type Cursor, NUMBER_BYTES_MAX, readNumber, unzigzag, writeNumber, zigzag } from "./packed-numbers.ts";

/**
 * What a customer did by the week, beside purchase days, which are kept by the day: the trailing year is made of it. Owns the format of
 * `Profile.weeks`.
 *
 * W1 Weeks are whole, Monday to Sunday in the installation's zone; the trailing year is the last {@link YEAR_WEEKS}, the running one
 *    among them: 358 to 364 days.
 * W2 Sums are whole numbers, so they are the same in whatever order events came, and what is taken back leaves nothing.
 * W3 A week more than {@link WEEKS_MAX} − 1 before the newest is not kept: events run ahead of the clock by a day at most, so that no
 *    trailing year reaches further back. What comes for it counts in lifetime sums alone.
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

/** Bound of the list: a year, and the week that an event may run ahead. At most 3.2 kB: 4 sums of money of 8 bytes, 6 counts of 4. */
const WEEKS_MAX = YEAR_WEEKS + 1;

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
  const index = WEEK_SUMS.indexOf(sum);
  const { weeks } = profile;
  const cursor: Cursor = { bytes: weeks, at: 0 };
  if (weeks.length > 0 && readNumber(cursor) === week) {
    const sums = readSums(cursor);
    sums[index] = (sums[index] as number) + value;
    const end = writeEntry(SCRATCH, 0, week, sums);
    profile.weeks = Buffer.concat([SCRATCH.subarray(0, end), weeks.subarray(cursor.at)]);
    return;
  }
  const entries = unpackWeeks(weeks);
  const newest = entries[0]?.week ?? week;
  if (week <= newest - WEEKS_MAX) return;
  let at = entries.findIndex((entry) => entry.week <= week);
  if (at < 0) at = entries.length;
  if (entries[at]?.week !== week) entries.splice(at, 0, { week, sums: noSums() });
  const { sums } = entries[at] as WeekEntry;
  sums[index] = (sums[index] as number) + value;
  profile.weeks = packWeeks(entries.filter((entry) => entry.week > Math.max(newest, week) - WEEKS_MAX));
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
  return WEEK_SUMS.map(() => 0);
}

const ENTRY_BYTES_MAX = (2 + WEEK_SUMS.length) * NUMBER_BYTES_MAX;
/** Written and copied from within one call. */
const SCRATCH = Buffer.alloc(ENTRY_BYTES_MAX);
