import { DAY_MS } from "./day-calendar.ts";

/**
 * A sum whose terms are halved every half-life. It is kept as of its newest term's time, so that a late term is
 * added as it would have been in time: sums of the same terms are equal in whatever order they came.
 * @param sum as of `sumAt`; @param value the new term, of the time `at`
 * @returns the sum as of the later of the two times
 */
export function addDecayed(sum: number, sumAt: number, value: number, at: number, halfLifeMs: number): number {
  return at >= sumAt ? decayed(sum, at - sumAt, halfLifeMs) + value : sum + decayed(value, sumAt - at, halfLifeMs);
}

/** @param elapsedMs a time before the sum's own counts as that time */
export function decayed(value: number, elapsedMs: number, halfLifeMs: number): number {
  return value === 0 || elapsedMs <= 0 ? value : value * 2 ** (-elapsedMs / halfLifeMs);
}

/** Part of the profile's format: sums already made would be wrong under others. */
export const ENGAGEMENT_HALF_LIFE_MS = 30 * DAY_MS;
export const COMPLAINT_HALF_LIFE_MS = 90 * DAY_MS;
export const SPEND_HALF_LIFE_MS = 90 * DAY_MS;
