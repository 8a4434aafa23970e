import type { Profile } from "@tidemark/contracts";
import { DAY_MS } from "./day-calendar.ts";
import type { Model } from "./model.ts";
import { levelOf } from "./tier.ts";
import { type Relationship, relationshipOf } from "./relationship.ts";
import { cardDue } from "./tier-by-scorecard.ts";
import { valuationAt } from "./valuation.ts";
import { stepsUntil, valuationBounds } from "./valuation-bounds.ts";

/** Two firings of a customer are at least so far apart (R6), so a change is never later than this. */
export const DUE_MS_MIN = 3_600_000;

/**
 * A lower bound of the next instant at which the tier could change though nothing happens, at least {@link DUE_MS_MIN} after `asOf`.
 *
 * While nothing happens the value falls: silence rises and engagement wears off. It jumps only at a step, and that instant is known
 * exactly; so before it a tier can only be lost, and not before the dwell is over. Of a customer with a contract the value may rise too, as
 * renewals come nearer. The crossing itself is not computed but closed in on from below: the timer may fire early, finds nothing and closes in again.
 * @returns null = never
 */
export function nextDue(profile: Profile, asOf: number, model: Model): number | null {
  const relationship = relationshipOf(profile, model);
  if (relationship === null) return null;
  const until = stepsUntil(profile, asOf, model);
  const level = levelOf(profile.tier, model.tiers);
  const keptFromMinor = level > 0 ? model.tiers[level]?.keptFromMinor : undefined;
  const lost =
    model.tierCard !== null
      ? cardDue(profile, asOf, model, model.tierCard)
      : keptFromMinor === undefined
        ? Infinity
        : lostNotBefore(profile, relationship, asOf, until, keptFromMinor, model);
  const reachedMinor =
    relationship.contract === null || model.tierCard !== null ? undefined : model.tiers[level + 1]?.fromMinor;
  const gained =
    reachedMinor === undefined ? Infinity : gainedNotBefore(profile, relationship, asOf, until, reachedMinor, model);
  const due = Math.min(until, lost, gained);
  return due === Infinity ? null : Math.max(Math.floor(due), asOf + DUE_MS_MIN);
}

/** How many valuations a search may cost. */
const VALUATIONS_MAX = 10;
/** Where the crossing is expected within this share of the time to it, the timer closes in better than the search. */
const SHARE_LEFT = 1 / 8;
/** Nobody's tier is looked at further ahead than this. */
const AHEAD_MS_MAX = 3650 * DAY_MS;

/**
 * A lower bound of the instant before `until` at which the value falls below `keptFromMinor`, no earlier than the end of the
 * dwell; Infinity if there is none.
 */
function lostNotBefore(
  profile: Profile,
  relationship: Relationship,
  asOf: number,
  until: number,
  keptFromMinor: number,
  model: Model,
): number {
  let low = Math.max(asOf, profile.tierSince + model.dwellMs);
  if (low >= until) return Infinity;
  // The tier is judged by the rounded value.
  const boundary = keptFromMinor - 0.5;
  let atLow = valuationAt(profile, relationship, low, model);
  if (atLow.expectedMinor < boundary) return low;
  // Against the logarithm of α + T the value falls in nearly a straight line, and ever steeper.
  const { purchases, timeUnitDays } = model.artefact;
  const origin = (relationship.buyer?.bornAt ?? low) - purchases.alpha * timeUnitDays * DAY_MS;
  const end = Math.min(until - 1, asOf + AHEAD_MS_MAX);
  let high = end;
  let highMinor: number | null = null;
  for (let i = 0; i < VALUATIONS_MAX; i++) {
    const crossing =
      highMinor === null
        ? Math.min(end, 2 * low - origin)
        : expectedCrossing(low - origin, atLow.expectedMinor, high - origin, highMinor, boundary) + origin;
    if (crossing - low <= Math.max(DUE_MS_MIN, (low - asOf) * SHARE_LEFT)) break;
    const valuation = valuationAt(profile, relationship, crossing, model);
    if (valuationBounds(atLow, valuation).expectedMinorMin >= boundary) {
      low = crossing;
      atLow = valuation;
      if (low === end) return end < until - 1 ? low : Infinity;
    } else {
      high = crossing;
      highMinor = valuation.expectedMinor;
    }
  }
  return low;
}

/** A lower bound of the instant before `until` at which the value reaches `reachedMinor`; Infinity if there is none. */
function gainedNotBefore(
  profile: Profile,
  relationship: Relationship,
  asOf: number,
  until: number,
  reachedMinor: number,
  model: Model,
): number {
  const boundary = reachedMinor - 0.5;
  const first = valuationAt(profile, relationship, asOf, model);
  const end = Math.min(until - 1, asOf + AHEAD_MS_MAX);
  let high = end;
  for (let i = 0; i < VALUATIONS_MAX; i++) {
    const valuation = valuationAt(profile, relationship, high, model);
    if (valuationBounds(first, valuation).expectedMinorMax < boundary) return high === until - 1 ? Infinity : high;
    high = Math.floor((asOf + high) / 2);
  }
  return asOf;
}

/** Where the straight line between two points crosses the boundary, in logarithms of age and value; the middle where it does not. */
function expectedCrossing(low: number, lowMinor: number, high: number, highMinor: number, boundary: number): number {
  const above = Math.log(lowMinor / boundary);
  const below = Math.log(boundary / highMinor);
  const share = below > 0 ? above / (above + below) : 0.5;
  return low * (high / low) ** share;
}
