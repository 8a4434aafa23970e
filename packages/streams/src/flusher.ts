import type { Clock } from "./clock.ts";
import type { TaskLimits } from "./limits.ts";
import type { StageTimes } from "./stages.ts";
import type { StateTable, StorePosition } from "./state-table.ts";

/**
 * Decides when the lagging store is written: beside the turns, one flush at a time, after so many changes or so
 * long (R9). After a failed flush it is not known which rows are stored, so the ownership must end.
 */
export class Flusher {
  readonly #table: Pick<StateTable, "dirtyCount" | "purgeIsDue" | "flush">;
  readonly #options: FlusherOptions;
  readonly #stages: StageTimes;
  readonly #position: () => StorePosition;
  #running: Promise<void> | null = null;
  #failure: { readonly cause: unknown } | null = null;
  #flushedAt: number;

  /** @param position what the table holds when asked: the offset up to which it is whole, and the journal entry there */
  constructor(
    table: Pick<StateTable, "dirtyCount" | "purgeIsDue" | "flush">,
    options: FlusherOptions,
    stages: StageTimes,
    position: () => StorePosition,
  ) {
    this.#table = table;
    this.#options = options;
    this.#stages = stages;
    this.#position = position;
    this.#flushedAt = options.clock.monotonic();
  }

  /** Starts a flush if it is time; waits only where too much is dirty, until it is stored. */
  async flushWhenDue(): Promise<void> {
    const { dirtyEntriesMax } = this.#options.limits;
    for (;;) {
      this.check();
      const dirty = this.#table.dirtyCount;
      if (this.#running === null && this.#isDue(dirty)) this.#start();
      if (dirty <= dirtyEntriesMax) return;
      await this.#running;
    }
  }

  #isDue(dirty: number): boolean {
    const { clock, limits } = this.#options;
    if (this.#table.purgeIsDue || dirty >= limits.flushEntries || dirty > limits.dirtyEntriesMax) return true;
    return dirty > 0 && clock.monotonic() - this.#flushedAt >= limits.flushIntervalMs;
  }

  #start(): void {
    this.#running = this.flush(false)
      .catch((cause: unknown) => {
        this.#failure = { cause };
      })
      .finally(() => {
        this.#running = null;
      });
  }

  async flush(clean: boolean): Promise<void> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    this.#flushedAt = startedAt;
    await this.#table.flush(this.#position(), { clean });
    this.#stages.storeMs += clock.monotonic() - startedAt;
  }

  /** Waits for the flush under way, failed or not. */
  async settle(): Promise<void> {
    await this.#running;
  }

  /** Throws what a flush beside the turns failed with. */
  check(): void {
    if (this.#failure !== null) throw this.#failure.cause;
  }
}

export interface FlusherOptions {
  readonly clock: Clock;
  readonly limits: TaskLimits;
}
