import type { Profile } from "@tidemark/contracts";
import type { Watch } from "../due/watch.ts";
import type { AlertTerms } from "./alert-rules.ts";
import { ABOVE, ARMED, followBand, isCrossed, STANDS, startBand } from "./churn-band.ts";
import { type AlertMoment, clear, coolUntil, findAlert, raise } from "./standing-alerts.ts";

/**
 * The alert of each band of churn, as {@link followBand} has it: RAISED at a crossing once the cool-down is over, CLEARED where churn falls or
 * a purchase comes. Of who is no repeat customer nothing is watched. Two bits a band of `Profile.alertFlags`.
 * @param repeats repeat purchase days; @param bought whether a purchase was made since alerts were last judged
 */
export function judgeChurnAlerts(
  profile: Profile,
  { repeats, churn, bought }: { readonly repeats: number; readonly churn: number; readonly bought: boolean },
  moment: AlertMoment,
  { bands, hysteresis, coolDownMs }: AlertTerms,
): void {
  if (profile.alerts.length > 0) clearOtherBands(profile, bands, moment);
  for (let i = 0; i < bands.length; i++) {
    const band = bands[i] as number;
    const before = stateOf(profile, i);
    let state = followBand(before, churn, band, hysteresis);
    if (bought) state = startBand(churn, band);
    if (repeats === 0) state = ABOVE;
    if (before === STANDS && state !== STANDS) {
      const standing = findAlert(profile, "CHURN", "", band);
      if (standing !== null) clear(profile, standing, moment);
    }
    if (isCrossed(before, state)) {
      const cause = { kind: "CHURN", subject: "", band, since: null, amountMinor: null } as const;
      if (!raise(profile, cause, moment, coolDownMs.CHURN ?? 0)) state = before;
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
