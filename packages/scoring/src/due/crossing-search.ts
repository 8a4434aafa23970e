import { logit } from "@tidemark/models";
import type { Valuation } from "../valuation.ts";
import { valuationBounds } from "../valuation-bounds.ts";
import type { Boundaries } from "./watch.ts";

/** Timers are an hour apart, so what crosses a boundary and comes back within it need not be seen. */
const EXCURSION_MS = 3_600_000;

/**
 * Closes in on the first crossing of any of some boundaries, from below.
 *
 * C1 Up to `low` nothing is crossed, excursions of less than an hour apart: the bounds of the intervals passed say so. C2 As of `found`
 * something is. C3 An interval of which the bounds cannot tell is tried again half as long; one that is no
 * longer than an excursion is passed by its end alone.
 */
export class CrossingSearch {
  low: number;
  atLow: Valuation;
  /** Infinity = not known yet. */
  found = Infinity;
  readonly #boundaries: Boundaries;
  /** Against the logarithm of the time since it, churn's logit and the logarithm of the value move in nearly straight lines. */
  readonly #origin: number;
  readonly #churnFromLogit: number;
  readonly #churnBelowLogit: number;
  #atFound: Valuation;
  /** The longest interval that is tried. */
  #step: number;
  #lastSide: "low" | "found" | null = null;
  /** Illinois: an end that stays twice weighs half, so that both close in. */
  #weightLow = 1;
  #weightFound = 1;

  constructor(boundaries: Boundaries, from: number, atFrom: Valuation, origin: number) {
    const { churnFrom, churnBelow } = boundaries;
    this.low = from;
    this.atLow = atFrom;
    this.#atFound = atFrom;
    this.#boundaries = boundaries;
    this.#origin = origin;
    this.#step = from - origin;
    this.#churnFromLogit = churnFrom < 1 ? logit(churnFrom) : Infinity;
    this.#churnBelowLogit = churnBelow > 0 ? logit(churnBelow) : -Infinity;
    if (this.#isCrossed(atFrom)) this.found = from;
  }

  /** The next instant to look at, after `low` and before `found`; null = the search is over. @param stop not beyond it */
  candidate(stop: number): number | null {
    if (this.found - this.low <= 1) return null;
    const longest = Math.ceil(this.low + this.#step);
    if (this.found === Infinity) return Math.min(stop, longest);
    const low = this.low - this.#origin;
    const found = this.found - this.#origin;
    const at = Math.round(this.#origin + low * (found / low) ** this.#firstShare());
    return Math.min(this.found - 1, longest, Math.max(this.low + 1, at));
  }

  take(at: number, valuation: Valuation): void {
    if (this.#isCrossed(valuation)) {
      this.found = at;
      this.#atFound = valuation;
      this.#weightFound = 1;
      if (this.#lastSide === "found") this.#weightLow /= 2;
      this.#lastSide = "found";
      return;
    }
    if (at - this.low > EXCURSION_MS && this.#mayCross(valuation)) {
      this.#step = Math.max(EXCURSION_MS, (at - this.low) / 2);
      return;
    }
    this.#step = Math.max(this.#step, 2 * (at - this.low));
    this.low = at;
    this.atLow = valuation;
    this.#weightLow = 1;
    if (this.#lastSide === "low") this.#weightFound /= 2;
    this.#lastSide = this.found === Infinity ? null : "low";
  }

  #isCrossed({ churn, expectedMinor }: Valuation): boolean {
    const { churnFrom, churnBelow, worthFrom, worthBelow } = this.#boundaries;
    return churn >= churnFrom || churn < churnBelow || expectedMinor >= worthFrom || expectedMinor < worthBelow;
  }

  /** Whether a boundary may be crossed anywhere between `low` and a later instant. */
  #mayCross(later: Valuation): boolean {
    const { churnFrom, churnBelow, worthFrom, worthBelow } = this.#boundaries;
    const { churnMin, churnMax, expectedMinorMin, expectedMinorMax } = valuationBounds(this.atLow, later);
    return (
      churnMax >= churnFrom || churnMin < churnBelow || expectedMinorMax >= worthFrom || expectedMinorMin < worthBelow
    );
  }

  /** Where the first straight line between the two ends crosses its boundary, as a share of the way. */
  #firstShare(): number {
    const { worthFrom, worthBelow } = this.#boundaries;
    const low = this.atLow;
    const found = this.#atFound;
    const churnLow = low.silenceLogit + low.hazard;
    const churnFound = found.silenceLogit + found.hazard;
    return Math.min(
      this.#share(this.#churnFromLogit - churnLow, this.#churnFromLogit - churnFound),
      this.#share(churnLow - this.#churnBelowLogit, churnFound - this.#churnBelowLogit),
      this.#share(worthFrom - low.expectedMinor, worthFrom - found.expectedMinor),
      this.#share(worthGap(low, worthBelow), worthGap(found, worthBelow)),
    );
  }

  /** @param gapLow above 0; @param gapFound at most 0 where this boundary is the one that is crossed */
  #share(gapLow: number, gapFound: number): number {
    if (!(gapFound <= 0)) return 1;
    const weighed = gapLow * this.#weightLow;
    return weighed / (weighed - gapFound * this.#weightFound);
  }
}

function worthGap({ expectedMinor }: Valuation, worthBelow: number): number {
  if (worthBelow === -Infinity) return Infinity;
  return worthBelow > 0 && expectedMinor > 0 ? Math.log(expectedMinor / worthBelow) : expectedMinor - worthBelow;
}
