import type { Clock } from "@tidemark/streams";
import { assert } from "@tidemark/streams";

/**
 * Gives append times, and promises to readers what later ones will be. Owns the floor under all later stamps.
 *
 *  A1 Stamps never fall (L3).
 *  A2 No stamp is below what {@link promise} has returned before it (L6).
 */
export class Stamps {
  readonly #clock: Clock;
  #last: number;
  #floor: number;

  /** @param last newest append time in the log, ms */
  constructor(clock: Clock, last: number) {
    this.#clock = clock;
    this.#last = last;
    this.#floor = last;
  }

  /** The append time of the next group, greater than `after`. */
  next(after: number): number {
    const stamp = Math.max(Math.floor(this.#clock.now()), this.#floor, after + 1);
    assert(Number.isSafeInteger(stamp), "append times are whole milliseconds");
    this.#last = stamp;
    this.#floor = stamp;
    return stamp;
  }

  /**
   * No later stamp is below this. It is beyond every stamp given, so that a reader who was at the end may take the
   * newest record at once instead of waiting for the clock to move.
   */
  promise(): number {
    const promised = Math.max(Math.floor(this.#clock.now()), this.#last + 1);
    this.#floor = Math.max(this.#floor, promised);
    return promised;
  }

  /** Takes note of append times found in the log. */
  found(last: number): void {
    this.#last = Math.max(this.#last, last);
    this.#floor = Math.max(this.#floor, last);
  }

  /**
   * Waits a millisecond where stamps have run ahead of the clock. Each group may push them one further (A2), so
   * without this, more than a thousand groups a second would carry append times away from the time of day.
   */
  async keepPace(signal: AbortSignal): Promise<void> {
    if (this.#floor - this.#clock.now() > AHEAD_MS_MAX) await this.#clock.sleep(1, signal);
  }
}

const AHEAD_MS_MAX = 50;
