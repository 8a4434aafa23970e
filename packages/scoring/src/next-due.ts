import type { Profile } from "@tidemark/contracts";
import { watchAlerts } from "./alerts/judge-alerts.ts";
import { isRunning, nextRenewal } from "./contract.ts";
import { quietUntil } from "./due/quiet-until.ts";
import { Watch } from "./due/watch.ts";
import { watchLifecycle } from "./lifecycle.ts";
import type { Model } from "./model.ts";
import { watchTier } from "./tier.ts";
import { watchCard } from "./tier-by-scorecard.ts";
import { relationshipOf } from "./relationship.ts";
import { stepsUntil } from "./valuation-bounds.ts";

/** Two firings of a customer are at least so far apart (R6), so a change is never later than this. */
export const DUE_MS_MIN = 3_600_000;

/**
 * A lower bound of the next instant at which tier, lifecycle or an alert could change though nothing happens, at least {@link DUE_MS_MIN}
 * after `asOf`, as of which the profile has been judged.
 *
 * Deadlines, ends of a dwell or a cool-down and steps of the hazard are known to the ms. The crossing of a boundary is not
 * computed but closed in on from below: the timer may fire early, finds nothing and closes in again.
 * @returns null = never
 */
export function nextDue(profile: Profile, asOf: number, model: Model): number | null {
  const relationship = relationshipOf(profile, model);
  if (relationship === null) return null;
  const watch = new Watch(asOf);
  if (model.tierCard === null) watchTier(watch, profile, asOf, model);
  else watchCard(watch, profile, asOf, model, model.tierCard);
  watchLifecycle(watch, profile, relationship, asOf, model);
  watchAlerts(watch, profile, asOf, model);
  // The end of a contract, or its renewal by itself, changes what is waited for.
  const contract = relationship.contract?.terms ?? null;
  const renewalAt = contract !== null && isRunning(contract, asOf) ? nextRenewal(contract, asOf).at : Infinity;
  let due = asOf;
  for (let steps = 0; ; steps++) {
    const step = stepsUntil(profile, due, model);
    due = quietUntil(watch, { profile, relationship, model }, { asOf, from: due, until: Math.min(watch.next, step) });
    // As of a step the search goes on with what it left.
    if (due < step || due >= Math.min(watch.next, renewalAt) || steps === STEPS_MAX) break;
  }
  return due === Infinity ? null : Math.max(Math.floor(due), asOf + DUE_MS_MIN);
}

/** How many steps of the hazard a search passes that bring no change. */
const STEPS_MAX = 4;
