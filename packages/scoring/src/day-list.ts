import { copyBytes, readNumber, writeNumber } from "./packed-numbers.ts";

/** What a customer did on one local day. */
export interface DayEntry {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly count: number;
  readonly amountMinor: number;
}

/**
 * Days are packed oldest first, each as three variable-length numbers (7 bits a byte, lowest first): days since the entry before,
 * count, amount; 5 to 6 bytes for a usual day.
 */
export function packDays(entries: readonly DayEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(entries.length * ENTRY_BYTES_MAX);
  let at = 0;
  let before = 0;
  for (const { day, count, amountMinor } of entries) {
    at = writeNumber(bytes, at, day - before);
    at = writeNumber(bytes, at, count);
    at = writeNumber(bytes, at, amountMinor);
    before = day;
  }
  // Its own few bytes, so that the large buffer is not kept.
  return Buffer.from(bytes.subarray(0, at));
}

/** Days with one more, after all of them. @param last the newest day of those there are, of which there is at least one */
export function appendDay(packed: Buffer, last: number, { day, count, amountMinor }: DayEntry): Buffer {
  let end = writeNumber(SCRATCH, 0, day - last);
  end = writeNumber(SCRATCH, end, count);
  end = writeNumber(SCRATCH, end, amountMinor);
  const longer = Buffer.allocUnsafe(packed.length + end);
  copyBytes(packed, 0, packed.length, longer, 0);
  copyBytes(SCRATCH, 0, end, longer, packed.length);
  return longer;
}

export function unpackDays(packed: Buffer): DayEntry[] {
  const entries: DayEntry[] = [];
  const cursor = { bytes: packed, at: 0 };
  let day = 0;
  while (cursor.at < packed.length) {
    day += readNumber(cursor);
    entries.push({ day, count: readNumber(cursor), amountMinor: readNumber(cursor) });
  }
  return entries;
}

/** How many days are kept from one on. */
export function countDaysSince(packed: Buffer, from: number): number {
  const cursor = { bytes: packed, at: 0 };
  let day = 0;
  let count = 0;
  while (cursor.at < packed.length) {
    day += readNumber(cursor);
    readNumber(cursor);
    readNumber(cursor);
    if (day >= from) count++;
  }
  return count;
}

/**
 * Adds to a day, which is put in where it is missing and taken out where its count falls to 0.
 * @returns whether the day was there or put in: taking from a day that is not there does nothing
 */
export function addToDay(entries: DayEntry[], day: number, count: number, amountMinor: number): boolean {
  let index = entries.length;
  while (index > 0 && (entries[index - 1] as DayEntry).day >= day) index--;
  const entry = entries[index];
  if (entry === undefined || entry.day !== day) {
    if (count > 0) entries.splice(index, 0, { day, count, amountMinor });
    return count > 0;
  }
  if (entry.count + count > 0) {
    entries[index] = { day, count: entry.count + count, amountMinor: entry.amountMinor + amountMinor };
  } else {
    entries.splice(index, 1);
  }
  return true;
}

/** Three numbers below 2^53. */
const ENTRY_BYTES_MAX = 3 * 8;
/** Written and copied from within one call. */
const SCRATCH = Buffer.alloc(ENTRY_BYTES_MAX);
