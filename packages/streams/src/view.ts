import type { Checkpoint } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import { LogUnavailable, StateCorrupted } from "./errors.ts";
import type { EventLog } from "./event-log.ts";
import type { TaskLimits } from "./limits.ts";
import { isMarkerName } from "./marker-name.ts";
import { ChangelogReader } from "./restore.ts";
import { runTogether } from "./run-together.ts";
import type { StateStore } from "./state-store.ts";
import { ATOMIC_ENTRIES_MAX, StateTable, type StoreDropped } from "./state-table.ts";

/**
 * Keeps a copy of one changelog partition in a store, for queries: {@link StoredView} reads it, here or in any thread that has the store
 * open too. It follows for ever, by the same reader as a restore. It runs once: after a failure, another takes its place, with an
 * aggregate of its own.
 *
 *  V1 Ready when all that the changelog had at the start is in the store.
 *  V2 The aggregate is written in the same atomic write as the rows it was made from, so each change counts once.
 *  V3 A damaged row that a reader found, or the scrub after an unclean stop, ends the run with `StateCorrupted` (R17).
 *  V4 What it says of its progress is in the store: soon after nothing is left to read, and now and then where there always is.
 */
export class View {
  readonly #options: ViewOptions;
  readonly #table: StateTable;
  #reader: ChangelogReader | null = null;
  #journal: Uint8Array | null = null;
  #tick: number | null = null;
  /** End of the changelog when the run began. */
  #end = 0;
  /** An end that the changelog had, and when: once it is passed, the copy is as the log was then. */
  #mark = { end: 0, at: 0 };
  #progress: ViewProgress | null = null;
  #damage: { readonly cause: unknown } | null = null;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#table = new StateTable({
      store: options.store,
      clock: options.clock,
      bootId: options.bootId,
      dueOf: () => null,
      keepTimers: false,
      entries: options.limits,
      scrubDelayMs: options.limits.scrubDelayMs,
      staleMsMax: options.limits.checkpointStaleMsMax,
      onDropped: (why) => options.onDropped?.(why),
    });
  }

  /** null before the store was opened. */
  get progress(): ViewProgress | null {
    return this.#progress;
  }

  /** States in the store. */
  get count(): number {
    return this.#table.states;
  }

  get recordsLeft(): number {
    return this.#reader === null ? 0 : Math.max(0, this.#reader.offsetEnd - this.#reader.position);
  }

  /** V3. @param cause what a reader was thrown */
  damaged(cause: unknown): void {
    this.#damage ??= { cause };
  }

  /** Follows the changelog until the signal aborts, then reads what is there by then and leaves a clean store. @throws StateCorrupted, LogUnavailable, OffsetOutOfRange */
  async run(signal: AbortSignal): Promise<void> {
    const { log, topic, partition, clock, limits } = this.#options;
    const askedAt = clock.now();
    const { end } = await log.offsets(topic, partition);
    const checkpoint = await this.#open(end);
    this.#journal = checkpoint?.journal ?? null;
    this.#noteTick();
    const reader = new ChangelogReader(
      {
        log,
        topic,
        partition,
        clock,
        fetchBytesMax: limits.fetchBytesMax,
        fetchWaitMs: limits.fetchWaitMs,
        sliceMsMax: limits.sliceMsMax,
      },
      {
        state: (key, value) => this.#change(key, value),
        journal: (value) => {
          this.#journal = value;
          this.#noteTick();
        },
        flush: (offset) => this.#flush(offset, false),
      },
      checkpoint?.offset ?? 0,
    );
    this.#reader = reader;
    this.#end = end;
    this.#mark = { end, at: askedAt };
    this.#report(reader.position);
    let verified = checkpoint?.clean ?? true;
    await runTogether(signal, [
      (ended) => this.#follow(reader, ended),
      async (ended) => {
        if (!verified) verified = await this.#table.scrub(ended);
      },
    ]);
    if (this.#progress?.ready === true) await this.#readToEnd(reader);
    await this.#flush(reader.position, verified);
  }

  /** Whoever is stopped behind has all the time for it that the next start, which waits for it, has not. */
  async #readToEnd(reader: ChangelogReader): Promise<void> {
    const { log, topic, partition, clock } = this.#options;
    const done = new AbortController();
    const enough = new AbortController();
    const bound = clock.sleep(LEAVE_MS_MAX, done.signal).then(() => enough.abort());
    try {
      const offsets = await Promise.race([log.offsets(topic, partition), bound]);
      const end = offsets?.end ?? 0;
      while (reader.position < end && !enough.signal.aborted) await reader.step(enough.signal, end);
    } catch (error) {
      // What was read until then is whole.
      if (!(error instanceof LogUnavailable)) throw error;
    } finally {
      done.abort();
      await bound;
    }
  }

  /** A store without the aggregate that is wanted now is of no use: it is made of every change from the first. */
  async #open(end: number): Promise<Checkpoint | null> {
    const checkpoint = await this.#table.open(end);
    const { aggregate } = this.#options;
    if (aggregate === undefined || checkpoint === null) return checkpoint;
    if (checkpoint.aggregate !== null && aggregate.load(checkpoint.aggregate)) return checkpoint;
    await this.#table.wipe();
    return null;
  }

  async #follow(reader: ChangelogReader, signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#options;
    let storedAt = clock.monotonic();
    let tookMs = 0;
    while (!signal.aborted) {
      const askedAt = clock.now();
      if (this.#table.isStale(askedAt)) {
        throw new StateCorrupted(
          "the view stood still for so long that it may have missed what was erased: it is made anew (R18)",
        );
      }
      await reader.step(signal, Number.POSITIVE_INFINITY);
      this.#noteCaughtUp(reader, askedAt);
      if (this.#damage !== null) throw this.#damage.cause;
      const isBehind = reader.position < reader.offsetEnd;
      const restMs = isBehind ? limits.flushIntervalMs : Math.min(limits.flushIntervalMs, FLUSH_REST * tookMs);
      const startedAt = clock.monotonic();
      if (startedAt - storedAt < restMs) continue;
      if (this.#table.dirtyCount > 0 || this.#table.purgeIsDue) await this.#flush(reader.position, false);
      else this.#report(reader.position);
      storedAt = clock.monotonic();
      tookMs = storedAt - startedAt;
    }
  }

  /** @param askedAt no later than when the reader asked where the changelog ends */
  #noteCaughtUp({ position, offsetEnd }: ChangelogReader, askedAt: number): void {
    if (position < this.#mark.end) return;
    this.#table.caughtUp(this.#mark.at);
    this.#mark = { end: offsetEnd, at: askedAt };
  }

  #change(key: string, value: Uint8Array | null): boolean {
    const entry = this.#table.load(key);
    if (!isMarkerName(key)) this.#options.aggregate?.update(entry.bytes, value);
    this.#table.publish(entry, value);
    return this.#table.dirtyCount >= ATOMIC_ENTRIES_MAX; // V2
  }

  async #flush(offset: number, clean: boolean): Promise<void> {
    await this.#table.flush(
      { offset, journal: this.#journal, aggregate: this.#options.aggregate?.save() ?? null },
      { clean },
    );
    this.#report(offset);
  }

  /** V1, V4. @param position up to which all is in the store */
  #report(position: number): void {
    const [before, tick] = [this.#progress, this.#tick];
    const ready = before?.ready === true || position >= this.#end;
    if (before?.ready === ready && before.position === position && before.tick === tick) return;
    this.#progress = { ready, position, tick };
    this.#options.onProgress?.(this.#progress);
  }

  #noteTick(): void {
    if (this.#journal !== null) this.#tick = this.#options.tickOf(this.#journal);
  }
}

/** How far a view is. */
export interface ViewProgress {
  /** Whether all that was in the changelog when it began has been read. */
  readonly ready: boolean;
  /** Changelog offset up to which all is in the store. */
  readonly position: number;
  /** The tick of the newest turn read, ms; null before the first. */
  readonly tick: number | null;
}

/**
 * The rest after a write, as a multiple of what it took, while nothing is left to read: each writes the whole aggregate, however little
 * has changed. No longer than where there is: a write may have waited for the disk.
 */
const FLUSH_REST = 4;

/** How long a view that is stopped reads on, unscaled ms. */
const LEAVE_MS_MAX = 2_000;

export interface ViewOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly partition: number;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly bootId: string;
  /** The tick of a journal entry, ms since the epoch. What it throws ends the run. */
  readonly tickOf: (journal: Uint8Array) => number;
  readonly limits: TaskLimits;
  readonly onProgress?: (progress: ViewProgress) => void;
  /** Told of a store that is made anew although nothing is known that would explain it. */
  readonly onDropped?: (why: StoreDropped) => void;
  /** Kept beside the states: counts, sums. */
  readonly aggregate?: ViewAggregate;
}

/** Something summed over all states of a partition, kept up to date by each change. */
export interface ViewAggregate {
  update(before: Uint8Array | null, after: Uint8Array | null): void;
  save(): Uint8Array;
  /** @returns whether what was saved is of use to it; if not, it is made anew of every state */
  load(bytes: Uint8Array): boolean;
}
