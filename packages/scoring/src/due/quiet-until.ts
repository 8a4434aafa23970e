import type { Profile } from "@tidemark/contracts";
import { DAY_MS } from "../day-calendar.ts";
import type { Model } from "../model.ts";
import type { Relationship } from "../relationship.ts";
import { type Valuation, valuationAt } from "../valuation.ts";
import { CrossingSearch } from "./crossing-search.ts";
import type { Boundaries, Watch } from "./watch.ts";

/** How many valuations a search may cost: the timer that fires early goes on with it. */
const VALUATIONS_MAX = 20;
/** A crossing further ahead than this is not worth more: before it comes an event will, or the timer that goes on with the search. */
const NEAR_MS = 30 * DAY_MS;
/** Of a far crossing, what is left to search may be this share of the time to it. */
const SHARE_LEFT = 1 / 6;
/** Nobody is looked at further ahead than this; a customer who is never to change is looked at again then. */
const AHEAD_MS_MAX = 3650 * DAY_MS;

/**
 * The first instant from `from` on at which churn or value crosses a boundary of the watch though nothing happens, or an instant before it.
 *
 * Over an interval churn and value lie between the bounds of {@link valuationBounds}, whatever crossings there are within it. So the search
 * only ever passes over an interval in which nothing can have happened, and stops, too early rather than too late, where it cannot tell or
 * it would cost too much. A crossing that is near is found to the ms, so that the timer finds it too.
 * @param asOf ms, when the timer is set: how exact the search is depends on how far ahead it is; @param until ms; a step (`stepsUntil`), or where the search need not go beyond; Infinity = none
 * @returns `until` where nothing is crossed before it, and where nothing is watched
 */
export function quietUntil(
  watch: Watch,
  { profile, relationship, model }: Watched,
  { asOf, from: begin, until }: { readonly asOf: number; readonly from: number; readonly until: number },
): number {
  const ahead = asOf + AHEAD_MS_MAX;
  // A step changes what it is reached with: the interval ends before it.
  const end = Math.min(until - 1, ahead);
  const { purchases, timeUnitDays } = model.artefact;
  const bornAt = relationship.buyer?.bornAt ?? asOf;
  const origin = Math.min(bornAt - purchases.alpha * timeUnitDays * DAY_MS, asOf - DAY_MS);
  let valuations = 0;
  let from = begin;
  let atFrom: Valuation | null = null;
  for (;;) {
    const boundaries = watch.boundariesAt(from);
    const stop = Math.min(end, watch.markAfter(from));
    if (isAnyWatched(boundaries)) {
      atFrom ??= valuationAt(profile, relationship, from, model);
      const search = new CrossingSearch(boundaries, from, atFrom, origin);
      if (search.found === from) return from;
      while (search.low < stop) {
        const candidate = search.candidate(stop);
        if (candidate === null) return search.found;
        const passedMs = search.low - asOf;
        const isFar = passedMs > NEAR_MS && candidate - search.low < passedMs * SHARE_LEFT && candidate < stop;
        if (isFar || ++valuations > VALUATIONS_MAX) return search.low;
        search.take(candidate, valuationAt(profile, relationship, candidate, model));
      }
      atFrom = search.atLow;
    } else {
      atFrom = null;
    }
    if (stop === end) return until <= ahead ? until : end;
    from = stop;
  }
}

interface Watched {
  readonly profile: Profile;
  readonly relationship: Relationship;
  readonly model: Model;
}

function isAnyWatched({ churnFrom, churnBelow, worthFrom, worthBelow }: Boundaries): boolean {
  return churnFrom !== Infinity || churnBelow !== -Infinity || worthFrom !== Infinity || worthBelow !== -Infinity;
}
