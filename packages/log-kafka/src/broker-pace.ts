/**
 * How long a leader may take from stamping a batch to moving its append end. In between it only writes to memory; it
 * takes long when the broker is short of processor time, and then it takes long with answers too: so it is taken to
 * be as long as the slowest answer of late, and a little.
 *
 * It is no bound. A batch that took longer may come after records that have a later time, and is taken then: nothing
 * is lost, and the turns stay repeatable, for the journal says what each took.
 */
export class BrokerPace {
  readonly #slowest = new Map<number, { readonly ms: number; readonly at: number }>();

  /** @param at monotonic ms at which it was asked what took `ms` to be answered */
  answered(node: number, ms: number, at: number): void {
    if (ms >= this.#slowestMs(node, at)) this.#slowest.set(node, { ms, at });
  }

  appendingMs(node: number, at: number): number {
    return Math.min(APPENDING_MS_MAX, APPENDING_MS_MIN + this.#slowestMs(node, at));
  }

  #slowestMs(node: number, at: number): number {
    const slowest = this.#slowest.get(node);
    return slowest === undefined ? 0 : slowest.ms * 0.5 ** (Math.max(0, at - slowest.at) / HALF_LIFE_MS);
  }
}

const HALF_LIFE_MS = 500;
const APPENDING_MS_MIN = 2;
const APPENDING_MS_MAX = 200;
