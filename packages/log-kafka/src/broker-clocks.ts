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
 * one of those we know that is furthest behind. Where only such a time is known as one broker or another has stamped,
 * it is at most as much behind that.
 */
export class BrokerClocks {
  readonly #observed = new Map<number, Observation>();
  /** At most one, the best. */
  #ofSomeBroker: readonly Observation[] = [];

  /** @param receivedAt monotonic ms at which the answer had come */
  observe(node: number, appendedAt: number, receivedAt: number): void {
    const known = this.#observed.get(node);
    this.#observed.set(node, better(known, { aheadMs: appendedAt - receivedAt, receivedAt }));
  }

  /** A time that one of the brokers has stamped, and it is not known which. */
  observeSomeBroker(appendedAt: number, receivedAt: number): void {
    this.#ofSomeBroker = [better(this.#ofSomeBroker[0], { aheadMs: appendedAt - receivedAt, receivedAt })];
  }

  /**
   * A time, ms since the epoch, that the broker's clock has reached at the monotonic time `at`; −Infinity while
   * nothing was stamped for us.
   */
  lowerBound(node: number, at: number): number {
    const known = this.#observed.get(node);
    if (known !== undefined) return Math.floor(at + lowered(known, at));
    const others = this.#observed.size > 0 ? [...this.#observed.values()] : this.#ofSomeBroker;
    let least = Number.POSITIVE_INFINITY;
    for (const other of others) least = Math.min(least, lowered(other, at) - SKEW_MS_MAX);
    return others.length === 0 ? Number.NEGATIVE_INFINITY : Math.floor(at + least);
  }
}

interface Observation {
  /** Of the broker's clock before our monotonic one, at least. */
  readonly aheadMs: number;
  readonly receivedAt: number;
}

function better(known: Observation | undefined, next: Observation): Observation {
  return known === undefined || next.aheadMs >= lowered(known, next.receivedAt) ? next : known;
}

function lowered({ aheadMs, receivedAt }: Observation, at: number): number {
  return aheadMs - Math.min(DRIFT_MS_MAX, Math.max(0, at - receivedAt) * DRIFT_RATE);
}

/** Half a second in a quarter of an hour: no clock of a computer runs worse. */
const DRIFT_RATE = 500e-6;
const DRIFT_MS_MAX = 50;
const SKEW_MS_MAX = 500;
