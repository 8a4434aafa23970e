import type { Profile } from "@tidemark/contracts";
import { complaintStep } from "./complaint-steps.ts";
import { DAY_MS } from "./day-calendar.ts";
import type { Model } from "./model.ts";
import { levelOf } from "./tier.ts";
import { cardDue } from "./tier-by-scorecard.ts";
import { type Buyer, buyerOf, stayRatio, type Valuation, valuationAt } from "./valuation.ts";

/** Two firings of a customer are at least so far apart (R6), so a change is never later than this. */
export const DUE_MS_MIN = 3_600_000;

/**
 * A lower bound of the next instant at which the tier could change though nothing happens, at least {@link DUE_MS_MIN} after `asOf`.
 *
 * While nothing happens the value falls: silence rises and engagement wears off. It jumps up only where recent complaints leave a step, and
 * that instant is known exactly; so before it a tier can only be lost, and not before the dwell is over. The crossing itself is not
 * computed but closed in on from below: the timer may fire early, finds nothing and closes in again.
 * @returns null = never
 */
export function nextDue(profile: Profile, asOf: number, model: Model): number | null {
  const buyer = buyerOf(profile, model);
  if (buyer === null) return null;
  const { until } = complaintStep(profile, asOf, model.artefact.hazard.complaintSteps);
  const level = levelOf(profile.tier, model.tiers);
  const keptFromMinor = level > 0 ? model.tiers[level]?.keptFromMinor : undefined;
  const lost =
    model.tierCard !== null
      ? cardDue(profile, asOf, model, model.tierCard)
      : keptFromMinor === undefined
        ? Infinity
        : lostNotBefore(profile, buyer, asOf, until, keptFromMinor, model);
  const due = Math.min(until, lost);
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
  buyer: Buyer,
  asOf: number,
  until: number,
  keptFromMinor: number,
  model: Model,
): number {
  let low = Math.max(asOf, profile.tierSince + model.dwellMs);
  if (low >= until) return Infinity;
  // The tier is judged by the rounded value.
  const boundary = keptFromMinor - 0.5;
  let atLow = valuationAt(profile, buyer, low, model);
  if (atLow.expectedMinor < boundary) return low;
  // Against the logarithm of α + T the value falls in nearly a straight line, and ever steeper.
  const { purchases, timeUnitDays } = model.artefact;
  const origin = buyer.bornAt - purchases.alpha * timeUnitDays * DAY_MS;
  const end = Math.min(until - 1, asOf + AHEAD_MS_MAX);
  let high = end;
  let highMinor: number | null = null;
  for (let i = 0; i < VALUATIONS_MAX; i++) {
    const crossing =
      highMinor === null
        ? Math.min(end, 2 * low - origin)
        : expectedCrossing(low - origin, atLow.expectedMinor, high - origin, highMinor, boundary) + origin;
    if (crossing - low <= Math.max(DUE_MS_MIN, (low - asOf) * SHARE_LEFT)) break;
    const valuation = valuationAt(profile, buyer, crossing, model);
    if (leastBetween(atLow, valuation) >= boundary) {
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

/** Where the straight line between two points crosses the boundary, in logarithms of age and value; the middle where it does not. */
function expectedCrossing(low: number, lowMinor: number, high: number, highMinor: number, boundary: number): number {
  const above = Math.log(lowMinor / boundary);
  const below = Math.log(boundary / highMinor);
  const share = below > 0 ? above / (above + below) : 0.5;
  return low * (high / low) ** share;
}

/**
 * The value does not fall below this between two instants without a complaint step between them. CLV and the hazard move
 * one way; where the hazard is negative the ratio to CLV rises with silence, so that it is least at the silence of the
 * first and the hazard of the second.
 */
function leastBetween(first: Valuation, second: Valuation): number {
  const silence = second.hazard < 0 ? first.silence : second.silence;
  return second.alive * second.ifAliveMinor * stayRatio(silence, second.hazard);
}
