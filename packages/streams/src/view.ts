import type { Checkpoint } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import { LogUnavailable } from "./errors.ts";
import type { EventLog } from "./event-log.ts";
import type { TaskLimits } from "./limits.ts";
import { isMarkerName, markerName } from "./marker-name.ts";
import { partitionOf } from "./partitioner.ts";
import { ChangelogReader } from "./restore.ts";
import { runTogether } from "./run-together.ts";
import type { StateRead, StateReader } from "./state-reader.ts";
import type { StateStore } from "./state-store.ts";
import { ATOMIC_ENTRIES_MAX, StateTable } from "./state-table.ts";

/**
 * A read-only copy of one changelog partition, for queries. It follows for ever, by the same reader as a restore.
 * It runs once: after a failure, another takes its place, with an aggregate of its own.
 *
 *  V1 Ready when it has passed the end that the changelog had at the start.
 *  V2 The aggregate is written in the same atomic write as the rows it was made from, so each change counts once.
 *  V3 A damaged row found by a query, or by the scrub after an unclean stop, ends the run with `StateCorrupted` (R17).
 */
export class View {
  readonly #options: ViewOptions;
  readonly #table: StateTable;
  #reader: ChangelogReader | null = null;
  #journal: Uint8Array | null = null;
  #tick: number | null = null;
  #ready = false;
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
    });
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** States in the store, to which what was read last may be still to come. */
  get count(): number {
    return this.#table.states;
  }

  get recordsLeft(): number {
    return this.#reader === null ? 0 : Math.max(0, this.#reader.offsetEnd - this.#reader.position);
  }

  /** Nothing is known before the store was opened. @throws StateCorrupted */
  read(key: string): StateRead {
    const value = this.#reader === null ? null : this.#valueOf(key);
    const markerKey = this.#reader === null || value !== null ? null : (this.#options.markerKey?.(key) ?? null);
    return {
      value,
      marker: markerKey === null ? null : this.#valueOf(markerName(markerKey)),
      partition: this.#options.partition,
      position: this.#reader?.position ?? 0,
      tick: this.#tick,
    };
  }

  /** Follows the changelog until the signal aborts, then reads what is there by then and leaves a clean store. @throws StateCorrupted, LogUnavailable, OffsetOutOfRange */
  async run(signal: AbortSignal): Promise<void> {
    const { log, topic, partition, clock, limits } = this.#options;
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
    this.#noteReady(end);
    let verified = checkpoint?.clean ?? true;
    await runTogether(signal, [
      (ended) => this.#follow(reader, end, ended),
      async (ended) => {
        if (!verified) verified = await this.#table.scrub(ended);
      },
    ]);
    if (this.#ready) await this.#readToEnd(reader);
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

  async #follow(reader: ChangelogReader, end: number, signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#options;
    let flushedAt = clock.monotonic();
    while (!signal.aborted) {
      await reader.step(signal, Number.POSITIVE_INFINITY);
      if (this.#damage !== null) throw this.#damage.cause;
      this.#noteReady(end);
      if (clock.monotonic() - flushedAt >= limits.flushIntervalMs && this.#table.dirtyCount > 0) {
        await this.#flush(reader.position, false);
        flushedAt = clock.monotonic();
      }
    }
  }

  #valueOf(key: string): Uint8Array | null {
    try {
      return this.#table.read(key);
    } catch (error) {
      this.#damage ??= { cause: error }; // V3
      throw error;
    }
  }

  /** V1. */
  #noteReady(end: number): void {
    if (this.#ready || this.#reader === null || this.#reader.position < end) return;
    this.#ready = true;
    this.#table.caughtUp();
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
  }

  #noteTick(): void {
    if (this.#journal !== null) this.#tick = this.#options.tickOf(this.#journal);
  }
}

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
  /** The key of an erased key's marker; null where no secret is known: nothing is then told to be erased. */
  readonly markerKey?: (key: string) => string | null;
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

/** All partitions' views as one reader. */
export function combineViews(views: readonly View[]): StateReader {
  return {
    get ready() {
      return views.every((view) => view.ready);
    },
    read(key) {
      const view = views[partitionOf(Buffer.from(key), views.length)];
      if (view === undefined) throw new RangeError("there are no views to read from");
      return view.read(key);
    },
  };
}
