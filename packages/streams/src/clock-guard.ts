import type { Clock } from "./clock.ts";
import { assert, ClockHalted } from "./errors.ts";

/**
 * Keeps a clock that jumped from being committed (R3): time may run ahead of the newest append time seen on the
 * partition only as far as time has passed since it was seen, and a minute. An append time that itself runs ahead
 * of that is no evidence: a log in this process stamps with the very clock that has jumped. In a machine that is suspended time passes too.
 */
export class ClockGuard {
  readonly #clock: Clock;
  readonly #options: ClockGuardOptions;
  /** The log's time when the monotonic clock was 0, as the newest append time tells it. */
  #origin: number | null = null;
  /** As much of the time that the machine was suspended is in {@link #origin}. */
  #asleep: number;

  constructor(clock: Clock, options: ClockGuardOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#asleep = this.#asleepNow();
  }

  /**
   * A record of the partition carries this append time; to be told as soon as it is seen, the own barrier's first.
   * @param notBefore when it was surely not appended yet, if that is known, by the monotonic clock: whoever was suspended before the
   *   answer came would otherwise take the log to be as far behind
   */
  saw(appendedAt: number, notBefore = this.#clock.monotonic()): void {
    if (this.#origin !== null && appendedAt > this.#latest(this.#origin)) return;
    const { timeScale } = this.#options;
    const origin = appendedAt - notBefore * timeScale;
    // What was slept since then is in it already.
    if (this.#origin !== null && origin - this.#origin > SHORT_MS * timeScale) this.#asleep = this.#asleepNow();
    this.#origin = Math.max(this.#origin ?? origin, origin);
  }

  /** @throws ClockHalted if a tick would be ahead of everything the log has seen */
  check(tickMs: number): void {
    assert(this.#origin !== null, "the own barrier was seen before the first turn");
    if (tickMs <= this.#latest(this.#origin)) return;
    const asleep = this.#asleepNow();
    this.#origin += Math.max(0, asleep - this.#asleep) * this.#options.timeScale;
    this.#asleep = asleep;
    if (tickMs > this.#latest(this.#origin)) {
      throw new ClockHalted("the clock is more than a minute ahead of the log: set it right, then start again");
    }
  }

  #asleepNow(): number {
    return this.#clock.asleep?.() ?? 0;
  }

  /** The latest time of the log's clock that can be true now. */
  #latest(origin: number): number {
    const { leadMsMax, timeScale } = this.#options;
    return origin + (this.#clock.monotonic() + leadMsMax) * timeScale;
  }
}

/** Where append times have gained no more than this on the monotonic clock, nobody has slept for long: that is not worth asking. */
const SHORT_MS = 1_000;

export interface ClockGuardOptions {
  /** Unscaled ms. */
  readonly leadMsMax: number;
  /** ms of the log's clock in an unscaled ms. */
  readonly timeScale: number;
}
