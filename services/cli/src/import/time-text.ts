import { compileTimePattern } from "./time-pattern.ts";
import { DAY_MS, type TimeZone } from "./time-zone.ts";
import { msOfDayOf, offsetMsOf, type TimeRead, type WrittenTime } from "./written-time.ts";

/** Reads one time; null = not understood. */
export type TimeReader = (text: string) => number | null;

/**
 * A reader of times as exports write them: `2024-03-31`, `2024-03-31T14:05[:06[.789]]` with or without an offset (a
 * blank may stand for the T), `20240331`, epoch seconds (9 or 10 digits) and epoch milliseconds (12 or 13 digits).
 * Without an offset a time is local to the zone. With a pattern only that pattern is understood.
 *
 * A date alone becomes noon of that local day. Any instant of the day would do for the model, which counts days; noon
 * exists on every day of every zone, and is the farthest from both midnights, so that a zone given wrong by some hours
 * still leaves the purchase on its day.
 *
 * @param pattern as `dd.MM.yyyy HH:mm`, see {@link compileTimePattern}; null = the forms above
 * @throws RangeError if the pattern cannot be used
 */
export function timeReader(zone: TimeZone, pattern: string | null): TimeReader {
  const read = pattern === null ? readCommonForms : compileTimePattern(pattern);
  const known = new Map<string, number | null>();
  return (text) => {
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const local = read(text);
    const at = local === null ? null : instantOf(local, zone);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(text, at);
    return at;
  };
}

/** Files repeat their dates: most rows of an export by day are answered from here. */
const KNOWN_MAX = 10_000;

function instantOf(read: number | WrittenTime, zone: TimeZone): number | null {
  if (typeof read === "number") return read;
  const midnight = Date.UTC(read.year, read.month - 1, read.day);
  // A day or month that there is not rolls over into another month.
  const exists =
    read.year >= 1000 && new Date(midnight).getUTCMonth() === read.month - 1 && (read.msOfDay ?? 0) < DAY_MS;
  if (!exists) return null;
  const local = midnight + (read.msOfDay ?? DAY_MS / 2);
  return read.offsetMs === null ? zone.instantOf(local) : local - read.offsetMs;
}

/** The date of `--until` and the like: `2024-03-31` or `20240331` as a local day (days since 1970-01-01); null = not a date. */
export function readDay(text: string): number | null {
  const read = readCommonForms(text);
  if (read === null || typeof read === "number" || read.msOfDay !== null) return null;
  const at = instantOf({ ...read, offsetMs: 0 }, zoneless);
  return at === null ? null : Math.floor(at / DAY_MS);
}

const zoneless: TimeZone = {
  name: "UTC",
  dayOf: (at) => Math.floor(at / DAY_MS),
  dayEnd: (day) => (day + 1) * DAY_MS - 1,
  instantOf: (local) => local,
};

const isoForm =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/u;

function readCommonForms(text: string): TimeRead {
  if (/^\d+$/u.test(text)) return readDigits(text);
  const match = isoForm.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = "0", fraction = "", offset] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (hour === undefined || minute === undefined) return { ...date, msOfDay: null, offsetMs: null };
  const msOfDay = msOfDayOf(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, "0").slice(0, 3)));
  if (msOfDay === null) return null;
  return { ...date, msOfDay, offsetMs: offset === undefined ? null : offsetMsOf(offset) };
}

function readDigits(text: string): TimeRead {
  switch (text.length) {
    case 8:
      return {
        year: Number(text.slice(0, 4)),
        month: Number(text.slice(4, 6)),
        day: Number(text.slice(6, 8)),
        msOfDay: null,
        offsetMs: null,
      };
    case 9:
    case 10:
      return Number(text) * 1000;
    case 12:
    case 13:
      return Number(text);
    default:
      return null;
  }
}
