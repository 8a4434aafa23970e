/**
 * What is known of the brokers' clocks: for each a lower bound of what it shows, from the append times in its answers.
 *
 * A batch that the broker stamped `a` was stamped before its answer was received at `r` on our monotonic clock. So
 * with c(m) = what the broker's clock shows at our monotonic time m: c(r) ≥ a, and as both go on alike,
 * c(m) ≥ a + (m − r) for every m ≥ r. The best of these bounds is kept. Two clocks that are each held to the
 * right time do not go on quite alike, so a bound is lowered as it ages, up to {@link DRIFT_MS_MAX}, which two such
 * clocks do not drift apart however long it lasts. (A broker whose clock is set back by more breaks L3 itself.)
 *
 * Of a broker that has stamped nothing for us it is taken that its clock is at most {@link SKEW_MS_MAX} behind the
 * one of those we know that is furthest behind.
 */
export class BrokerClocks {
  readonly #observed = new Map<number, Observation>();

  /** @param receivedAt monotonic ms at which the answer had come */
  observe(node: number, appendedAt: number, receivedAt: number): void {
    const aheadMs = appendedAt - receivedAt;
    const known = this.#observed.get(node);
    if (known === undefined || aheadMs >= lowered(known, receivedAt)) {
      this.#observed.set(node, { aheadMs, receivedAt });
    }
  }

  /**
   * A time, ms since the epoch, that the broker's clock has reached at the monotonic time `at`; −Infinity while
   * nothing is known of any broker.
   */
  lowerBound(node: number, at: number): number {
    const known = this.#observed.get(node);
    if (known !== undefined) return Math.floor(at + lowered(known, at));
    let least = Number.POSITIVE_INFINITY;
    for (const other of this.#observed.values()) least = Math.min(least, lowered(other, at) - SKEW_MS_MAX);
    return this.#observed.size === 0 ? Number.NEGATIVE_INFINITY : Math.floor(at + least);
  }
}

interface Observation {
  /** Of the broker's clock before our monotonic one, at least. */
  readonly aheadMs: number;
  readonly receivedAt: number;
}

function lowered({ aheadMs, receivedAt }: Observation, at: number): number {
  return aheadMs - Math.min(DRIFT_MS_MAX, Math.max(0, at - receivedAt) * DRIFT_RATE);
}

/** Half a second in a quarter of an hour: no clock of a computer runs worse. */
const DRIFT_RATE = 500e-6;
const DRIFT_MS_MAX = 50;
const SKEW_MS_MAX = 500;
