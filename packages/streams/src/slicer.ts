import type { Clock } from "./clock.ts";

/** Items worked off between two looks at the clock. */
const ITEMS_PER_LOOK = 32;

/**
 * Cuts long synchronous work into slices, so that queries and other partitions get their turn:
 * `if (slicer.due()) await slicer.pause()` after each item.
 */
export class Slicer {
  readonly #clock: Clock;
  readonly #sliceMsMax: number;
  #startedAt: number;
  #items = 0;
  #askedAt: number;
  #pausedMs = 0;

  constructor(clock: Clock, sliceMsMax: number) {
    this.#clock = clock;
    this.#sliceMsMax = sliceMsMax;
    this.#startedAt = clock.monotonic();
    this.#askedAt = this.#startedAt;
  }

  /** @param items worked off since it was last asked */
  due(items = 1): boolean {
    this.#items += items;
    if (this.#items < ITEMS_PER_LOOK) return false;
    this.#items = 0;
    return this.#clock.monotonic() - this.#startedAt > this.#sliceMsMax;
  }

  async pause(): Promise<void> {
    const pausedAt = this.#clock.monotonic();
    await this.#clock.yield();
    this.#startedAt = this.#clock.monotonic();
    this.#pausedMs += this.#startedAt - pausedAt;
  }

  /** Time spent on the work itself since it was last asked, ms. */
  workedMs(): number {
    const now = this.#clock.monotonic();
    const worked = now - this.#askedAt - this.#pausedMs;
    this.#askedAt = now;
    this.#pausedMs = 0;
    return worked;
  }
}
