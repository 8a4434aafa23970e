import type { Profile } from "@tidemark/contracts";
import type { Watch } from "../due/watch.ts";
import type { Model } from "../model.ts";
import { tradeOf } from "../optional-sums.ts";
import { type AlertMoment, clear, coolUntil, findAlert, raise } from "./standing-alerts.ts";

/**
 * The customer turned loss-making: profit (the margin of the whole life less what it cost to serve) fell below 0. Who never had a profit did
 * not turn. It changes with events alone.
 * @param realisedMinor as the score says it, which may have the cost to serve taken off already
 */
export function judgeLossAlert(
  profile: Profile,
  realisedMinor: number,
  moment: AlertMoment,
  { artefact, alerts }: Pick<Model, "artefact" | "alerts">,
): void {
  const coolDownMs = alerts.coolDownMs.LOSS_MAKING;
  const costMinor = artefact.value?.netOfCosts === true ? 0 : tradeOf(profile).costMilliMinor / 1_000;
  const profitMinor = Math.round(realisedMinor - costMinor);
  const standing = lossOf(profile);
  const stands = standing !== null && !standing.cleared;
  if (coolDownMs === null || profitMinor >= 0) {
    profile.alertFlags = coolDownMs === null ? profile.alertFlags & ~HAD_PROFIT : profile.alertFlags | HAD_PROFIT;
    if (stands) clear(profile, standing, moment);
    return;
  }
  if (stands || (profile.alertFlags & HAD_PROFIT) === 0) return;
  const cause = { kind: "LOSS_MAKING", subject: "", band: null, since: null, amountMinor: profitMinor } as const;
  // Where it cools down, the flag waits with it.
  if (raise(profile, cause, moment, coolDownMs)) profile.alertFlags &= ~HAD_PROFIT;
}

export function watchLossAlert(watch: Watch, profile: Profile, coolDownMs: number | null): void {
  if (coolDownMs !== null && (profile.alertFlags & HAD_PROFIT) !== 0) watch.at(coolUntil(lossOf(profile), coolDownMs));
}

function lossOf(profile: Profile): Profile["alerts"][number] | null {
  return profile.alerts.length === 0 ? null : findAlert(profile, "LOSS_MAKING", "", null);
}

/** Of `Profile.alertFlags`: not loss-making when last judged, or not told yet. */
const HAD_PROFIT = 1 << 8;
