/**
 * Local days of a time zone as whole numbers: days since 1970-01-01, local. Pure but for its caches; Intl is asked
 * once or twice a day of the calendar and never on the hot path.
 */
export interface DayCalendar {
  readonly timeZone: string;
  /** @param at ms since the epoch, years 1970 to 9999 */
  dayOf(at: number): number;
  /** The first instant of the next day, ms since the epoch. */
  endOf(day: number): number;
}

/** @throws RangeError if Intl does not know the time zone */
export function createDayCalendar(timeZone: string): DayCalendar {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (UTC_NAMES.has(format.resolvedOptions().timeZone)) {
    return { timeZone, dayOf: (at) => Math.floor(at / DAY_MS), endOf: (day) => (day + 1) * DAY_MS };
  }
  const offsets = new Map<number, number>();
  const changes = new Map<number, OffsetChange>();
  const ends = new Map<number, number>();
  return { timeZone, dayOf, endOf };

  function dayOf(at: number): number {
    const utcDay = Math.floor(at / DAY_MS);
    const offset = offsets.get(utcDay) ?? learn(utcDay);
    if (!Number.isNaN(offset)) return Math.floor((at + offset) / DAY_MS);
    const change = changes.get(utcDay);
    return change === undefined ? NaN : Math.floor((at + (at < change.at ? change.before : change.after)) / DAY_MS);
  }

  function endOf(day: number): number {
    const known = ends.get(day);
    if (known !== undefined) return known;
    // Local midnight is at most 14 hours away from that of UTC.
    const middle = (day + 1) * DAY_MS;
    const end = firstInstant(middle - 16 * HOUR_MS, middle + 16 * HOUR_MS, (at) => dayOf(at) > day);
    if (ends.size >= CACHED_DAYS_MAX) ends.clear();
    ends.set(day, end);
    return end;
  }

  /** The offset of a whole day of UTC, ms; NaN where it changes within the day, and then `changes` says when. */
  function learn(utcDay: number): number {
    const before = offsetAt(utcDay * DAY_MS);
    const after = offsetAt((utcDay + 1) * DAY_MS - 1);
    if (offsets.size >= CACHED_DAYS_MAX) {
      offsets.clear();
      changes.clear();
    }
    if (before === after) {
      offsets.set(utcDay, before);
      return before;
    }
    const at = firstInstant(utcDay * DAY_MS, (utcDay + 1) * DAY_MS - 1, (instant) => offsetAt(instant) === after);
    changes.set(utcDay, { at, before, after });
    offsets.set(utcDay, NaN);
    return NaN;
  }

  /** Local time minus UTC, ms. */
  function offsetAt(at: number): number {
    const second = Math.floor(at / 1000) * 1000;
    const fields = new Map(format.formatToParts(second).map(({ type, value }) => [type, Number(value)]));
    const field = (name: Intl.DateTimeFormatPartTypes): number => fields.get(name) ?? NaN;
    return (
      Date.UTC(field("year"), field("month") - 1, field("day"), field("hour"), field("minute"), field("second")) -
      second
    );
  }
}

export const DAY_MS = 86_400_000;

const HOUR_MS = 3_600_000;
const UTC_NAMES: ReadonlySet<string> = new Set(["UTC", "Etc/UTC", "GMT", "Etc/GMT"]);
/** Three centuries; above it the caches start anew. */
const CACHED_DAYS_MAX = 100_000;

interface OffsetChange {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** The first whole ms in (from, to] at which a condition holds that stays true once it is. */
function firstInstant(from: number, to: number, holds: (at: number) => boolean): number {
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
