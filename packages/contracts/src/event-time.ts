/** How far ahead of the reference an event may be and be taken as it is, ms. What is clamped is clamped to this. */
export const EVENT_AHEAD_MS_MAX = 24 * 3_600_000;
/** How far ahead it may be and be clamped, ms; beyond it is refused. */
export const EVENT_CLAMPED_MS_MAX = 7 * 24 * 3_600_000;
/** Last millisecond of the year 9999, the end of what ISO 8601 writes with four digits. */
export const TIME_MS_MAX = 253_402_300_799_999;

/** Whether ms since the epoch are a time that an event, a TICK or a question can be of: from 1970 to the end of 9999. */
export function isTime(ms: number): boolean {
  return ms >= 0 && ms <= TIME_MS_MAX;
}

export type EventTimeVerdict = "as-is" | "clamped" | "refused";

/**
 * What to make of an event's time. "clamped": count it at referenceAt + {@link EVENT_AHEAD_MS_MAX}.
 * @param occurredAt event time, ms since the epoch
 * @param referenceAt append time of the record, in clock mode `event` the last TICK, ms; null = none yet, and
 *   then nothing is too far ahead
 */
export function checkEventTime(occurredAt: number, referenceAt: number | null): EventTimeVerdict {
  if (!isTime(occurredAt)) return "refused";
  if (referenceAt === null || occurredAt <= referenceAt + EVENT_AHEAD_MS_MAX) return "as-is";
  return occurredAt <= referenceAt + EVENT_CLAMPED_MS_MAX ? "clamped" : "refused";
}

/**
 * Reads an RFC 3339 instant; an offset or Z is required, since a local time is no instant. Years of six digits
 * are read too, so that they can be refused for what they are.
 * @returns ms since the epoch; null if the text is not one, or names a day there is not
 */
export function parseInstant(text: string): number | null {
  const match = text.length <= INSTANT_CHARACTERS_MAX ? INSTANT.exec(text) : null;
  if (match === null) return null;
  const [, year, month, day] = match;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return null;
  // Date.parse takes the 30th of February for the 2nd of March.
  const daysInMonth = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  return Number(day) <= daysInMonth ? at : null;
}

const INSTANT_CHARACTERS_MAX = 40;
const INSTANT =
  /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
