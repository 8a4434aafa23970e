/**
 * How busy the shop is at a time, relative to its mean: the run-up to Christmas, the week and the hours of the day, in
 * UTC. Steps rather than curves, since tables are exact on every machine.
 */
export function demandAt(at: number): number {
  const date = new Date(at);
  const month = byMonth[date.getUTCMonth()] ?? 1;
  const weekday = byWeekday[date.getUTCDay()] ?? 1;
  const hour = byHour[date.getUTCHours()] ?? 1;
  return month * weekday * hour;
}

const byMonth = [0.85, 0.8, 0.95, 1, 1, 0.95, 0.85, 0.85, 1, 1.05, 1.3, 1.4];
/** Sunday first. */
const byWeekday = [1.3, 0.95, 0.85, 0.85, 0.9, 1, 1.15];
const byHour = [
  [0.2, 0.1, 0.05, 0.05, 0.05, 0.1, 0.3, 0.7, 1, 1.2, 1.3, 1.4],
  [1.5, 1.4, 1.2, 1.2, 1.3, 1.5, 1.7, 2, 2.2, 1.9, 1.1, 0.55],
].flat();

/** Bound of {@link demandAt}. */
export const DEMAND_MAX = Math.max(...byMonth) * Math.max(...byWeekday) * Math.max(...byHour);
