import type { DayCalendar } from "../day-calendar.ts";

/**
 * The trailing year: 52 whole weeks, Monday to Sunday in the installation's zone, the running one among them; it holds 358 to 364 days.
 * Whole weeks, since what a profile keeps beside purchase days it keeps by the week; so all trailing figures are of the same days.
 */
const YEAR_WEEKS = 52;

/** Weeks since the one of 1970-01-01, a Thursday. @param day local, days since 1970-01-01 */
function weekOf(day: number): number {
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
