import { createDayCalendar } from "@tidemark/scoring";

/** Local time of one IANA time zone, both ways: the days that scoring counts by, and the instants of local times. */
export interface TimeZone {
  readonly name: string;
  /** Local day that holds an instant, days since 1970-01-01. */
  dayOf(at: number): number;
  /** Last millisecond of a local day, ms since the epoch. */
  dayEnd(day: number): number;
  /**
   * The instant of a local time. A time that occurs twice (clocks set back) is the earlier; one that never occurs
   * (clocks set forward) is as far after the gap as it lies in it.
   * @param local ms from 1970-01-01T00:00 to the local time, both read off a local clock
   */
  instantOf(local: number): number;
}

export const DAY_MS = 86_400_000;

/** @throws RangeError if the runtime knows no such zone */
export function timeZone(name: string): TimeZone {
  const calendar = createDayCalendar(name);
  const offsetAt = offsets(name);

  function instantOf(local: number): number {
    const before = offsetAt(local - DAY_MS);
    const after = offsetAt(local + DAY_MS);
    if (before === after) return local - before;
    if (offsetAt(local - before) === before) return local - before;
    if (offsetAt(local - after) === after) return local - after;
    return local - before;
  }

  return {
    name,
    instantOf,
    dayOf: (at) => calendar.dayOf(at),
    dayEnd: (day) => calendar.endOf(day) - 1,
  };
}

/**
 * The zone's offset from UTC at an instant, ms, positive east of Greenwich. `Intl` knows the rules; its slow answers are
 * remembered for each UTC day on which the offset does not change.
 */
function offsets(name: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (format.resolvedOptions().timeZone === "UTC") return () => 0;

  const constantOffsets = new Map<number, number>();
  return (at) => {
    const utcDay = Math.floor(at / DAY_MS);
    let offset = constantOffsets.get(utcDay);
    if (offset === undefined) {
      const atStart = exactOffset(format, utcDay * DAY_MS);
      const atEnd = exactOffset(format, (utcDay + 1) * DAY_MS);
      offset = atStart === atEnd ? atStart : Number.NaN;
      if (constantOffsets.size >= REMEMBERED_DAYS_MAX) constantOffsets.clear();
      constantOffsets.set(utcDay, offset);
    }
    return Number.isNaN(offset) ? exactOffset(format, at) : offset;
  };
}

/** A century. */
const REMEMBERED_DAYS_MAX = 36_600;

function exactOffset(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
  const field = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const [year, month, day] = [field("year"), field("month"), field("day")];
  const local = Date.UTC(year, month - 1, day, field("hour"), field("minute"), field("second"));
  return local - Math.floor(at / 1000) * 1000;
}
