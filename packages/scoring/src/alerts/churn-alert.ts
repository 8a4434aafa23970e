import type { Profile } from "@tidemark/contracts";
import type { Watch } from "../due/watch.ts";
import type { AlertTerms } from "./alert-rules.ts";
import { type AlertMoment, clear, coolUntil, findAlert, raise } from "./standing-alerts.ts";

/**
 * Churn of a repeat customer against each band: a crossing upward is told once between two purchases, being above it is not.
 *
 *            churn below band − hysteresis            churn at or above the band,
 *                                                     cool-down over: RAISED
 *   ABOVE ────────────────────────────────▶ ARMED ───────────────────────────────▶ STANDS
 *     ▲                                       ▲                                      │ churn below band − hysteresis: CLEARED
 *     │ purchase,                             │ purchase,                            ▼
 *     │ churn at or above the band            │ churn below the band               SPENT
 *     └──────────── any state ────────────────┘                                      until the next purchase
 *
 * A purchase clears an alert that stands. Of who is no repeat customer nothing is watched. Two bits a band of `Profile.alertFlags`.
 */
const ABOVE = 0;
const ARMED = 1;
const STANDS = 2;
const SPENT = 3;

/** @param repeats repeat purchase days; @param bought whether a purchase was made since alerts were last judged */
export function judgeChurnAlerts(
  profile: Profile,
  { repeats, churn, bought }: { readonly repeats: number; readonly churn: number; readonly bought: boolean },
  moment: AlertMoment,
  { bands, hysteresis, coolDownMs }: AlertTerms,
): void {
  if (profile.alerts.length > 0) clearOtherBands(profile, bands, moment);
  const startsAnew = bought || repeats === 0;
  for (let i = 0; i < bands.length; i++) {
    const band = bands[i] as number;
    let state = stateOf(profile, i);
    if (state === STANDS && (startsAnew || churn < band - hysteresis)) {
      const standing = findAlert(profile, "CHURN", "", band);
      if (standing !== null) clear(profile, standing, moment);
      state = SPENT;
    }
    if (startsAnew) state = repeats > 0 && churn < band ? ARMED : ABOVE;
    if (state === ABOVE && repeats > 0 && churn < band - hysteresis) state = ARMED;
    if (state === ARMED && churn >= band) {
      const cause = { kind: "CHURN", subject: "", band, since: null, amountMinor: null } as const;
      if (raise(profile, cause, moment, coolDownMs.CHURN ?? 0)) state = STANDS;
    }
    setState(profile, i, state);
  }
}

export function watchChurnAlerts(
  watch: Watch,
  profile: Profile,
  repeats: number,
  asOf: number,
  { bands, hysteresis, coolDownMs }: AlertTerms,
): void {
  if (repeats === 0) return;
  for (let i = 0; i < bands.length; i++) {
    const band = bands[i] as number;
    const state = stateOf(profile, i);
    if (state === ABOVE || state === STANDS) watch.churnFallsBelow(band - hysteresis, asOf);
    if (state === ARMED) {
      const before = profile.alerts.length === 0 ? null : findAlert(profile, "CHURN", "", band);
      watch.churnReaches(band, Math.max(asOf, coolUntil(before, coolDownMs.CHURN ?? 0)));
    }
  }
}

/** A model may have other bands than the one before. */
function clearOtherBands(profile: Profile, bands: readonly number[], moment: AlertMoment): void {
  for (const alert of profile.alerts) {
    const isGone = alert.kind === "CHURN" && !alert.cleared && !bands.includes(alert.band ?? NaN);
    if (isGone) clear(profile, alert, moment);
  }
}

function stateOf({ alertFlags }: Profile, band: number): number {
  return (alertFlags >> (2 * band)) & 3;
}

function setState(profile: Profile, band: number, state: number): void {
  profile.alertFlags = (profile.alertFlags & ~(3 << (2 * band))) | (state << (2 * band));
}
