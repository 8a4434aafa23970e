import type { Clock } from "./clock.ts";
import { StateCorrupted } from "./errors.ts";
import type { InTurn } from "./one-at-a-time.ts";
import type { StateStore } from "./state-store.ts";
import { checksumOf, COUNTED_ROWS, nameDigest, rowDigest, timerDigest, TIMER_ROWS, unseal } from "./store-rows.ts";
import { compareKeys } from "./tick.ts";

/**
 * What the rows of a store add up to, kept up to date by each change of them, and the scrub that holds all rows against it (R17).
 *
 *  Y1 A scrub under way is told of each change of a row that it has passed, while that is written: so it ends with all rows as they are then.
 */
export class StoreTally {
  readonly #options: StoreTallyOptions;
  #rows = 0;
  #digest = 0;
  #scrub: Scrub | null = null;

  constructor(options: StoreTallyOptions) {
    this.#options = options;
  }

  /** Of states, markers and timers. */
  get rows(): number {
    return this.#rows;
  }

  /** XOR of the digests of all rows, of their names and contents. */
  get digest(): number {
    return this.#digest;
  }

  /** Goes on from what a store says that it holds. */
  resume(rows: number, digest: number): void {
    this.#rows = rows;
    this.#digest = digest;
  }

  /**
   * A row of a state or marker changes.
   * @param before checksum of the row that was there, null = none; @param after of the one that takes its place
   */
  entry(row: string, before: number | null, after: number | null): void {
    if (before === after) return;
    const name = nameDigest(row);
    if (before !== null) this.#change(row, rowDigest(name, before), -1);
    if (after !== null) this.#change(row, rowDigest(name, after), 1);
  }

  /** The row of a timer comes, or goes. */
  timer(row: string, change: 1 | -1): void {
    this.#change(row, timerDigest(row), change);
  }

  /**
   * Compares all rows with the count and digest and each state with its checksum, in steps beside
   * the running work, which it leaves most of the time to. Where it is long it begins after a while: none of it is needed for a start, and where
   * rows are read that have not been looked at yet, each is held against its checksum anyway.
   * @returns whether it came to the end before the signal aborted; @throws StateCorrupted
   */
  async scrub(signal: AbortSignal): Promise<boolean> {
    const { clock, scrubDelayMs } = this.#options;
    if (this.#rows > SCRUB_AT_ONCE_ROWS) await clock.sleep(scrubDelayMs, signal);
    const scrub: Scrub = { cursor: COUNTED_ROWS.from, rows: 0, digest: 0 };
    this.#scrub = scrub;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      if (!(await this.#step(scrub))) return true;
      await clock.sleep(Math.max(1, SCRUB_REST * (clock.monotonic() - startedAt)), signal);
    }
    this.#scrub = null;
    return false;
  }

  /** @returns whether there is more to look at */
  async #step(scrub: Scrub): Promise<boolean> {
    const { store, inTurn } = this.#options;
    let seen = 0;
    await inTurn(async () => {
      const rows = await store.scan({ from: scrub.cursor, to: COUNTED_ROWS.to, limit: STEP_ROWS });
      seen = rows.length;
      for (const row of rows) {
        scrub.rows++;
        if (row.key < TIMER_ROWS.from) {
          unseal(row.value);
          scrub.digest ^= rowDigest(nameDigest(row.key), checksumOf(row.value));
        } else {
          scrub.digest ^= timerDigest(row.key);
        }
        scrub.cursor = `${row.key}\u0000`;
      }
      if (seen > 0) return;
      this.#scrub = null;
      if (scrub.rows !== this.#rows || scrub.digest !== this.#digest) {
        throw new StateCorrupted(
          `the local store is not what was written to it (${scrub.rows} rows, of ${this.#rows} written)`,
        );
      }
    });
    return seen > 0;
  }

  #change(row: string, digest: number, change: 1 | -1): void {
    this.#rows += change;
    this.#digest ^= digest;
    if (this.#scrub !== null && compareKeys(row, this.#scrub.cursor) < 0) {
      this.#scrub.rows += change; // Y1
      this.#scrub.digest ^= digest;
    }
  }
}

export interface StoreTallyOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** As {@link TaskLimits.scrubDelayMs} says. */
  readonly scrubDelayMs: number;
  /** Its steps and whoever writes to the store, with the tally of what is written, take turns (Y1). */
  readonly inTurn: InTurn;
}

/** How far a scrub is, and what the rows up to there add up to. */
interface Scrub {
  cursor: string;
  rows: number;
  digest: number;
}

/** Rows read in one step of the scrub. */
const STEP_ROWS = 500;

/** A store of so many rows is scrubbed at once: it takes some ms, and a stop soon after the start finds it verified. */
const SCRUB_AT_ONCE_ROWS = 2_000;

/** How long the scrub rests after a step, as a multiple of what the step took. */
const SCRUB_REST = 4;
