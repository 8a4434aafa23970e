import type { Lifecycle, Profile } from "@tidemark/contracts";
import { isRunning, nextRenewal } from "./contract.ts";
import type { Watch } from "./due/watch.ts";
import type { LifecycleTerms } from "./lifecycle-rules.ts";
import type { Model } from "./model.ts";
import type { Relationship } from "./relationship.ts";
import { repeatsOf } from "./repeats.ts";

/**
 * The stages of a relationship.
 *
 *                 first purchase                repeat purchase
 *   PROSPECT ─────────────────────▶ NEW ───────────────────────────▶ ┐
 *      ▲                             └── so many days over ─────────▶ │ the level that churn and silence say
 *      │ no purchase stands                                           ▼
 *   (any stage)                LOYAL ◀──────▶ ACTIVE ◀──────▶ SLIPPING ◀──────▶ LOST
 *                                │     worse: churn reaches the boundary,        │
 *                                │     silent for long enough, dwell over        │ a purchase after it was lost
 *                                │     better: churn below it by the band,       ▼
 *                                │     or no longer silent                    RETURNED
 *                                └◀───── so many days over: any level ◀──────────┘
 *
 * Of who never bought the contract says it all: while it runs by churn alone, SLIPPING at once where it runs out, and LOST where it is ended.
 * An edge to a worse level may skip levels, as may one to a better. L1 Judged again at once a stage stands. L2 Between a better and a worse
 * level there is always the band or an event, and never less than the dwell, so that a stage does not flap.
 */
export type LifecycleStanding = Pick<
  Profile,
  "lifecycle" | "lifecycleSince" | "lastDay" | "purchaseDays" | "interactions" | "voice"
>;

/**
 * The stage in force as of an instant.
 * @param relationship null = a prospect; @param churn as of then, 0 to 1
 */
export function lifecycleAt(
  profile: LifecycleStanding,
  relationship: Relationship | null,
  churn: number,
  asOf: number,
  model: LifecycleModel,
): Lifecycle {
  if (relationship === null) return "PROSPECT";
  const isOver = hasNothingLeft(relationship, asOf);
  if (isOver && relationship.contract?.terms.isEnded === true) return "LOST";
  const { lifecycle, lifecycleSince } = profile;
  const terms = model.lifecycle;
  const repeats = repeatsAt(profile, relationship, asOf);
  // The day of a purchase is not over yet.
  const silentMs = Math.max(0, asOf - silentSinceOf(profile, relationship, asOf, model));
  switch (lifecycle) {
    case "UNKNOWN":
    case "PROSPECT":
    case "NEW":
      if (repeats === 0 && !isOver && asOf < newUntil(relationship, terms)) return "NEW";
      return stageOf(reachedLevel(repeats, churn, silentMs, terms));
    case "RETURNED":
      if (!isOver && asOf < lifecycleSince + terms.returnedMs) return "RETURNED";
      return stageOf(reachedLevel(repeats, churn, silentMs, terms));
    case "LOST":
      if (boughtUntil(profile, model) > lifecycleSince) return "RETURNED";
      break;
    default:
  }
  const level = LEVELS.indexOf(lifecycle);
  const worse = reachedLevel(repeats, churn, silentMs, terms);
  if (worse > level) return asOf < lifecycleSince + terms.dwellMs ? lifecycle : stageOf(worse);
  let kept = level;
  while (kept > 0 && !keeps(kept, repeats, churn, silentMs, terms)) kept--;
  return stageOf(kept);
}

/** What churn has to do, and by when, for the stage in force to change though nothing happens. */
export function watchLifecycle(
  watch: Watch,
  profile: LifecycleStanding,
  relationship: Relationship,
  asOf: number,
  model: LifecycleModel,
): void {
  const { lifecycle, lifecycleSince } = profile;
  const terms = model.lifecycle;
  if (lifecycle === "NEW") return watch.at(newUntil(relationship, terms));
  if (lifecycle === "RETURNED") return watch.at(lifecycleSince + terms.returnedMs);
  const level = LEVELS.indexOf(lifecycle);
  const repeats = repeatsAt(profile, relationship, asOf);
  const dwellEnd = lifecycleSince + terms.dwellMs;
  // Purchases were cancelled, and only the dwell keeps the stage.
  if (level === 0 && repeats < terms.loyalRepeats) watch.at(dwellEnd);
  const silentSince = silentSinceOf(profile, relationship, asOf, model);
  for (let worse = level + 1; worse < LEVELS.length; worse++) {
    const from = Math.max(asOf, dwellEnd, silentSince + (terms.silentMs[worse] ?? 0));
    watch.churnReaches(terms.churnFrom[worse] ?? Infinity, from);
  }
  // The boundary of the level itself is the first to be crossed downward.
  if (level > 1 || (level === 1 && repeats >= terms.loyalRepeats)) {
    watch.churnFallsBelow((terms.churnFrom[level] ?? 0) - terms.band, asOf);
  }
}

type LifecycleModel = Pick<Model, "lifecycle" | "calendar">;

/** Without a repeat there was no RENEW: the contract was agreed when it was made. Who is not known to be new is not. */
function newUntil({ buyer, contract }: Relationship, { newMs }: LifecycleTerms): number {
  return (buyer?.bornAt ?? contract?.terms.agreedAt ?? -Infinity) + newMs;
}

/** Whether a contract was all there was, and is over. */
function hasNothingLeft({ buyer, contract }: Relationship, asOf: number): boolean {
  return buyer === null && contract !== null && !isRunning(contract.terms, asOf);
}

/** As `repeatsOf`, and renewals of a contract that renews itself: it steps where they come. */
function repeatsAt(profile: LifecycleStanding, { contract }: Relationship, asOf: number): number {
  const told = repeatsOf(profile);
  return contract === null || !contract.terms.renewsItself || contract.terms.isEnded
    ? told
    : Math.max(told, nextRenewal(contract.terms, asOf).before);
}

/** The end of the last purchase day, or the newest SUBSCRIBE or RENEW if that is later, ms. */
function boughtUntil({ lastDay, purchaseDays, voice }: LifecycleStanding, { calendar }: LifecycleModel): number {
  return Math.max(purchaseDays === 0 ? 0 : calendar.endOf(lastDay), voice?.subscribedAt ?? 0);
}

/**
 * Since when nothing has been bought, ms. Under a running contract nobody has to buy: churn alone says, as if the silence were long enough.
 * Where one runs out that was all there was, the silence is at once that of who is slipping: RENEW often comes some days late.
 */
function silentSinceOf(
  profile: LifecycleStanding,
  relationship: Relationship,
  asOf: number,
  model: LifecycleModel,
): number {
  const { contract } = relationship;
  if (contract === null) return model.calendar.endOf(profile.lastDay);
  if (isRunning(contract.terms, asOf)) return -Infinity;
  if (hasNothingLeft(relationship, asOf)) return contract.terms.endsAt - (model.lifecycle.silentMs[2] ?? 0);
  return Math.max(model.calendar.endOf(profile.lastDay), contract.terms.endsAt);
}

const LEVELS: readonly Lifecycle[] = ["LOYAL", "ACTIVE", "SLIPPING", "LOST"];

function stageOf(level: number): Lifecycle {
  return LEVELS[level] ?? "UNKNOWN";
}

/** The worst level whose boundaries are reached. */
function reachedLevel(repeats: number, churn: number, silentMs: number, terms: LifecycleTerms): number {
  for (let level = LEVELS.length - 1; level > 1; level--) {
    if (churn >= (terms.churnFrom[level] ?? Infinity) && silentMs >= (terms.silentMs[level] ?? 0)) return level;
  }
  return repeats < terms.loyalRepeats || churn >= terms.churnFrom[1] ? 1 : 0;
}

/** Whether a level that is in force stays so: churn is not below its boundary by more than the band. */
function keeps(level: number, repeats: number, churn: number, silentMs: number, terms: LifecycleTerms): boolean {
  if (level === 1 && repeats < terms.loyalRepeats) return true;
  return churn >= (terms.churnFrom[level] ?? 0) - terms.band && silentMs >= (terms.silentMs[level] ?? 0);
}
