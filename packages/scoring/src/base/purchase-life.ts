import { monthOf } from "../calendar-month.ts";
import { readNumber } from "../packed-numbers.ts";
import type { BaseProfile } from "./base-profile.ts";

/** What a month can bring of a customer's life as a buyer. The index is where it is summed. */
export const LIFE_EVENTS = ["acquired", "returned", "lapsed"] as const;

const ACQUIRED = 0;
const RETURNED = 1;
const LAPSED = 2;

/**
 * A customer's life by his purchase days: acquired on the first, lapsed once `lapseDays` whole days have passed without one, returned on
 * the next. Who lapses after the last one is told ahead: it becomes true if he does not buy until then. Between the days that were folded
 * nobody is taken to have lapsed.
 */
export function forEachLifeEvent(
  { purchaseDays, firstDay, foldedDays, foldedThrough, days }: BaseProfile,
  lapseDays: number,
  note: (month: number, index: number) => void,
): void {
  if (purchaseDays === 0) return;
  note(monthOf(firstDay), ACQUIRED);
  let last = foldedDays > 0 ? foldedThrough : firstDay;
  forEachDay(days, (day) => {
    if (day > last + lapseDays) {
      note(monthOf(last + lapseDays), LAPSED);
      note(monthOf(day), RETURNED);
    }
    last = day;
  });
  note(monthOf(last + lapseDays), LAPSED);
}

/** Whether there is a purchase on one of some days, both ends included. */
export function boughtWithin(days: Uint8Array, from: number, to: number): boolean {
  let found = false;
  forEachDay(days, (day) => {
    found ||= day >= from && day <= to;
  });
  return found;
}

/** The days of `Profile.days`, without what was bought on them. */
function forEachDay(packed: Uint8Array, visit: (day: number) => void): void {
  const cursor = { bytes: packed as Buffer, at: 0 };
  let day = 0;
  while (cursor.at < packed.length) {
    day += readNumber(cursor);
    readNumber(cursor);
    readNumber(cursor);
    visit(day);
  }
}
