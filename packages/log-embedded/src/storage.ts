import type { Clock } from "@tidemark/streams";
import { LogCorrupted, LogUnavailable, VersionTooNew } from "@tidemark/streams";
import { beginFile, writeLevel, writeLevelInParts, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import { formatOperation, type LogState } from "./log-state.ts";

/**
 * The Level under the log and whether it can be relied upon. A failed write leaves LevelDB's write-ahead log in a
 * state in which what is written after it may be lost at the next start, and it is not known whether the failed
 * write will be found there. So after one, nothing more is read or written until Level was closed, opened again
 * (which settles the question) and what it holds was loaded anew.
 *
 *   open ──write fails──▶ mending ──reopened, loaded, written to──▶ open
 *     │                      ├──the log is damaged──▶ damaged
 *     └───────close──────────┴───────close──────────▶ closed
 */
export class Storage {
  readonly level: LevelInstance;
  readonly #clock: Clock;
  readonly #on: StorageEvents;
  readonly #closing = new AbortController();
  #health: "open" | "mending" | "closed" | LogCorrupted | VersionTooNew = "open";
  #state: LogState;
  /** Ends with the write that is under way. */
  #written: Promise<void> = Promise.resolve();
  #mended: Promise<void> = Promise.resolve();
  /** Ends with the file of Level that is being begun; null = none is. */
  #beginning: Promise<void> | null = null;

  constructor(level: LevelInstance, state: LogState, clock: Clock, on: StorageEvents) {
    this.level = level;
    this.#state = state;
    this.#clock = clock;
    this.#on = on;
  }

  get available(): boolean {
    return this.#health === "open";
  }

  /** @throws LogUnavailable, LogCorrupted */
  get state(): LogState {
    if (this.#health === "open") return this.#state;
    if (this.#health === "closed") throw new LogUnavailable("the log is closed");
    if (this.#health === "mending") throw new LogUnavailable("the log cannot be written now: try again later");
    throw this.#health;
  }

  /**
   * Atomic writes one after the other with none in between, after those before them: what follows a failed one is not to be trusted.
   * @param state what the operations were made from; if it has been loaded anew since, they are void
   * @throws WriteFailed: not known whether it happened; LogUnavailable: it did not
   */
  async write(state: LogState, ...writes: readonly LevelOperation[][]): Promise<void> {
    const before = this.#written;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#written = promise;
    await before;
    try {
      if (this.state !== state) throw new LogUnavailable("the log was mended meanwhile: not written");
      await this.#attempt(writes);
    } finally {
      resolve();
    }
  }

  /**
   * What is written from here on lies in other files of Level's than what was written before. One at a time: each has a thread of libuv's, and
   * LevelDB lets it wait while it merges for a purge. Those that are left out cost a merge of two files.
   */
  beginFile(): void {
    // Whatever hinders it hinders the next write, which is told.
    this.#beginning ??= beginFile(this.level)
      .catch(() => undefined)
      .finally(() => {
        this.#beginning = null;
      });
  }

  async close(): Promise<void> {
    this.#health = "closed";
    this.#on.unavailable(this.#state);
    this.#closing.abort();
    await this.#mended;
    await this.#written;
    await this.#beginning;
    await this.level.close();
  }

  async #attempt(writes: readonly LevelOperation[][]): Promise<void> {
    try {
      for (const operations of writes) await writeLevelInParts(this.level, operations, () => this.#clock.yield());
    } catch (error) {
      this.#health = "mending";
      this.#mended = this.#mend();
      this.#on.unavailable(this.#state);
      this.#on.problem(error);
      throw new WriteFailed("the log could not be written", { cause: error });
    }
  }

  async #mend(): Promise<void> {
    const { signal } = this.#closing;
    for (let waitMs = MEND_WAIT_MS_MIN; ; waitMs = Math.min(waitMs * 2, MEND_WAIT_MS_MAX)) {
      await this.#clock.sleep(waitMs, signal);
      if (signal.aborted) return;
      try {
        await this.#beginning;
        await this.level.close();
        const state = await this.#on.reopen();
        // Only who can write is well: otherwise the next commit would be the probe.
        await writeLevel(this.level, [formatOperation()]);
        if (signal.aborted) return;
        this.#state = state;
        this.#health = "open";
        return;
      } catch (error) {
        this.#on.problem(error);
        if (error instanceof LogCorrupted || error instanceof VersionTooNew) {
          this.#health = error;
          return;
        }
      }
    }
  }
}

export interface StorageEvents {
  /** Something failed in the background, or made the log unavailable. */
  problem(error: unknown): void;
  /** Whoever waits on this state is to ask again and be told. */
  unavailable(state: LogState): void;
  /** Opens the Level again and loads what it holds. */
  reopen(): Promise<LogState>;
}

/** A write may or may not have happened. Stays inside this package: callers are told what it means for them. */
export class WriteFailed extends Error {}

const MEND_WAIT_MS_MIN = 100;
const MEND_WAIT_MS_MAX = 5_000;
