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
/** Of the norm that recent engagement is held against. */
export const ACTIVITY_HALF_LIFE_MS = 180 * DAY_MS;
export const COMPLAINT_HALF_LIFE_MS = 90 * DAY_MS;
export const SPEND_HALF_LIFE_MS = 90 * DAY_MS;
export const STRAIN_HALF_LIFE_MS = 90 * DAY_MS;
export const FEEDBACK_HALF_LIFE_MS = 180 * DAY_MS;

/**
 * The weight of a term in a sum by forward decay (Cormode et al. 2009): it doubles every half-life from 1970 on, so that a sum needs no
 * time of its own and is the same in whatever order its terms come. Only ratios of such sums mean something. From the year 2191 (half-life
 * 90 days) on all weigh alike, and no sum overflows.
 */
export function forwardWeight(at: number, halfLifeMs: number): number {
  return 2 ** Math.min(FORWARD_HALF_LIVES_MAX, at / halfLifeMs);
}

/** 2^900 times 2^20 sums of 2^52 fit a double. */
const FORWARD_HALF_LIVES_MAX = 900;
