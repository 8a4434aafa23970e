import type { Clock } from "./clock.ts";
import { ClockHalted } from "./errors.ts";

/**
 * Keeps a clock that jumped from being committed (R3): time may run ahead of the newest append time seen on the
 * partition only as far as time has passed since it was seen, and a minute.
 */
export class ClockGuard {
  readonly #clock: Clock;
  readonly #options: ClockGuardOptions;
  /** The log's time when the monotonic clock was 0, as the newest append time tells it. */
  #origin = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, options: ClockGuardOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** A record of the partition carries this append time; to be told as soon as it is seen. */
  saw(appendedAt: number): void {
    this.#origin = Math.max(this.#origin, appendedAt - this.#clock.monotonic() * this.#options.timeScale);
  }

  /** @throws ClockHalted if a tick would be ahead of everything the log has seen */
  check(tickMs: number): void {
    const { leadMsMax, timeScale } = this.#options;
    if (tickMs > this.#origin + (this.#clock.monotonic() + leadMsMax) * timeScale) {
      throw new ClockHalted("the clock is more than a minute ahead of the log: set it right, then start again");
    }
  }
}

export interface ClockGuardOptions {
  /** Unscaled ms. */
  readonly leadMsMax: number;
  /** ms of the log's clock in an unscaled ms. */
  readonly timeScale: number;
}
