import type { Clock } from "./clock.ts";
import { assert, ClockHalted } from "./errors.ts";

/**
 * Keeps a clock that jumped from being committed (R3): time may run ahead of the newest append time seen on the
 * partition only as far as time has passed since it was seen, and a minute. An append time that itself runs ahead
 * of that is no evidence: a log in this process stamps with the very clock that has jumped.
 */
export class ClockGuard {
  readonly #clock: Clock;
  readonly #options: ClockGuardOptions;
  /** The log's time when the monotonic clock was 0, as the newest append time tells it. */
  #origin: number | null = null;

  constructor(clock: Clock, options: ClockGuardOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * A record of the partition carries this append time; to be told as soon as it is seen, the own barrier's first.
   * @param notBefore when it was surely not appended yet, if that is known, by the monotonic clock: whoever was suspended before the
   *   answer came would otherwise take the log to be as far behind
   */
  saw(appendedAt: number, notBefore = this.#clock.monotonic()): void {
    if (this.#origin !== null && appendedAt > this.#latest(this.#origin)) return;
    const origin = appendedAt - notBefore * this.#options.timeScale;
    this.#origin = Math.max(this.#origin ?? origin, origin);
  }

  /** @throws ClockHalted if a tick would be ahead of everything the log has seen */
  check(tickMs: number): void {
    assert(this.#origin !== null, "the own barrier was seen before the first turn");
    if (tickMs > this.#latest(this.#origin)) {
      throw new ClockHalted("the clock is more than a minute ahead of the log: set it right, then start again");
    }
  }

  /** The latest time of the log's clock that can be true now. */
  #latest(origin: number): number {
    const { leadMsMax, timeScale } = this.#options;
    return origin + (this.#clock.monotonic() + leadMsMax) * timeScale;
  }
}

export interface ClockGuardOptions {
  /** Unscaled ms. */
  readonly leadMsMax: number;
  /** ms of the log's clock in an unscaled ms. */
  readonly timeScale: number;
}
