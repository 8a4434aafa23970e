/**
 * Churn of a repeat customer against one band: a crossing upward is told once between two purchases, being above it is not. The rule alone:
 * whoever follows a customer keeps the state, tells the crossing, and says how long to hold it back.
 *
 *            churn below band − hysteresis            churn at or above the band: a crossing
 *   ABOVE ────────────────────────────────▶ ARMED ───────────────────────────────▶ STANDS
 *     ▲                                       ▲                                      │ churn below band − hysteresis
 *     │ purchase,                             │ purchase,                            ▼
 *     │ churn at or above the band            │ churn below the band               SPENT
 *     └──────────── any state ────────────────┘                                      until the next purchase
 *
 * Numbers, since two bits of a profile hold one.
 */
export const ABOVE = 0;
export const ARMED = 1;
export const STANDS = 2;
const SPENT = 3;

/** The state that a purchase leaves, with the churn just after it. */
export function startBand(churn: number, band: number): number {
  return churn < band ? ARMED : ABOVE;
}

/** The state as of a later look, no purchase between. */
export function followBand(state: number, churn: number, band: number, hysteresis: number): number {
  switch (state) {
    case ABOVE:
      return churn < band - hysteresis ? ARMED : ABOVE;
    case ARMED:
      return churn >= band ? STANDS : ARMED;
    case STANDS:
      return churn < band - hysteresis ? SPENT : STANDS;
    default:
      return SPENT;
  }
}

/** Whether the band was crossed upward between two looks. */
export function isCrossed(before: number, now: number): boolean {
  return now === STANDS && before !== STANDS;
}
