import type { Clock } from "./clock.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, STORE_FORMAT_VERSION } from "./checkpoint.ts";
import { entriesKept, type Entry, type EntryBounds, EntryCache, storedEntry } from "./entry-cache.ts";
import { isMarkerName } from "./marker-name.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import type { StateStore, StoreChange } from "./state-store.ts";
import {
  CHECKPOINT_ROW,
  checksumOf,
  EMPTY,
  entryRow,
  parseTimerRow,
  seal,
  sealAll,
  STATE_ROWS,
  stateRow,
  TIMER_ROWS,
  timerRow,
  unseal,
  unsealOrNull,
} from "./store-rows.ts";
import { inStoreOrder } from "./store-order.ts";
import { StoredNames } from "./stored-names.ts";
import { StoreTally } from "./store-tally.ts";
import type { Timer } from "./timer-heap.ts";
import type { ChangedState } from "./turn-plan.ts";

/**
 * The states of one partition, encoded: the committed ones in memory (overlay and cache) above a store that lags the log.
 * Markers of erased keys are among them by their names. A decoded state is six times as large, and keeping it costs the collector more than decoding it again costs a turn.
 *
 *  T1 The store never leads the log: only bytes that a commit or the changelog delivered are written to it.
 *  T2 A row and its timer row change in one atomic write, so that a store never holds two timers of a key.
 *  T3 The checkpoint's offset is written with the last rows that make the store whole up to it; rows written
 *     earlier may be newer than an old offset, and reading the changelog from there writes them again.
 *  T4 An entry that the store does not hold yet as it is is never evicted.
 */
export class StateTable {
  readonly #options: StateTableOptions;
  readonly #entries = new EntryCache();
  readonly #tally: StoreTally;
  #states = 0;
  #checkpoint: Checkpoint | null = null;
  /** null = the store was not empty when it was opened: it has to be asked. */
  #names: StoredNames | null = new StoredNames();
  /** When the table was known to be as the log is, ms of the log's clock. Who stood still for a while learns only later that he has missed something. */
  #asOf = 0;
  /** Flush chunks and scrub steps take turns at the store, so that the scrub's tally is exact. */
  readonly #exclusively = oneAtATime();
  /** Whether states were erased that may still lie on the store's disk. */
  #purgeDue = false;
  #purgedAt = Number.NEGATIVE_INFINITY;

  constructor(options: StateTableOptions) {
    this.#options = options;
    const { store, clock, scrubDelayMs } = options;
    this.#tally = new StoreTally({ store, clock, scrubDelayMs, inTurn: this.#exclusively });
  }

  /**
   * Reads the checkpoint and decides whether the store can be kept (R17, R18); otherwise empties it.
   * @param offsetEnd end of the changelog: a store beyond it belongs to another log
   */
  async open(offsetEnd: number): Promise<Checkpoint | null> {
    const { store, bootId, staleMsMax, clock } = this.#options;
    const bytes = store.get(CHECKPOINT_ROW);
    const content = bytes === undefined ? null : unsealOrNull(bytes);
    const checkpoint = content === null ? null : decodeCheckpoint(content);
    // Also one from the future: how old it really is, nobody knows.
    const isYoung = checkpoint !== null && Math.abs(clock.now() - checkpoint.asOf) < staleMsMax;
    const isWhole = checkpoint !== null && (checkpoint.clean || checkpoint.bootId === bootId);
    if (checkpoint === null || !isYoung || !isWhole || checkpoint.offset > offsetEnd) {
      if (bytes !== undefined && content === null) this.#options.onDropped("UNREADABLE");
      // After a power loss, or too old, it is no wonder that it is further on, or not.
      else if (checkpoint !== null && isYoung && isWhole) this.#options.onDropped("AHEAD_OF_LOG");
      await this.wipe();
      return null;
    }
    this.#asOf = checkpoint.asOf;
    this.#checkpoint = checkpoint;
    this.#tally.resume(checkpoint.rows, checkpoint.digest);
    if (checkpoint.rows > 0) this.#names = null;
    this.#states = checkpoint.states;
    this.#purgeDue = checkpoint.purgeDue === true;
    return checkpoint;
  }

  /** Empties the store; of a table that holds nothing in memory yet. */
  async wipe(): Promise<void> {
    await this.#options.store.clear();
    this.#checkpoint = null;
    this.#tally.resume(0, 0);
    this.#names = new StoredNames();
    this.#states = 0;
    this.#purgeDue = false;
    this.#asOf = this.#options.clock.now();
  }

  /** All that the changelog had at this time, ms of the log's clock, is in the table. */
  caughtUp(at: number): void {
    this.#asOf = at;
  }

  /** Whether it may have missed tombstones since it was as the log is (R18). */
  isStale(now: number): boolean {
    return now - this.#asOf >= this.#options.staleMsMax;
  }

  get dirtyCount(): number {
    return this.#entries.changedCount;
  }

  /** Entries in memory. */
  get size(): number {
    return this.#entries.size;
  }

  /** States in the store. */
  get states(): number {
    return this.#states;
  }

  /** The entry of a key, from memory or the store. @throws StateCorrupted */
  load(key: string): Entry {
    const found = this.#entries.get(key);
    if (found !== undefined) return found;
    const sealed = this.#names?.mayHold(key) === false ? undefined : this.#options.store.get(entryRow(key));
    const bytes = sealed === undefined ? null : unseal(sealed);
    const due = bytes === null ? null : this.#dueOf(key, bytes);
    const storedChecksum = sealed === undefined ? null : checksumOf(sealed);
    const entry = storedEntry(key, bytes, due, storedChecksum);
    this.#entries.add(entry);
    return entry;
  }

  /** Makes committed bytes the entry's own; null = the key has no state any more. */
  publish(entry: Entry, bytes: Uint8Array | null): void {
    entry.bytes = bytes;
    entry.due = bytes === null ? null : this.#dueOf(entry.key, bytes);
    this.#entries.change(entry);
  }

  /** What a turn has committed. A loop of its own: in the middle of a long function it is compiled anew for each turn. */
  publishAll(changed: readonly ChangedState[]): void {
    for (const { entry, bytes } of changed) this.publish(entry, bytes);
  }

  /** Publishes what the changelog says of a key. */
  applyChange(key: string, bytes: Uint8Array | null): void {
    this.publish(this.load(key), bytes);
  }

  /** Writes all dirty entries in atomic chunks and then the checkpoint (T2, T3). One flush at a time. */
  async flush(position: StorePosition, options: { readonly clean: boolean }): Promise<void> {
    const entries = inStoreOrder(this.#entries.beginFlush());
    const before = this.#checkpoint ?? NOTHING;
    let start = 0;
    do {
      const chunk = entries.slice(start, start + ATOMIC_ENTRIES_MAX);
      start += ATOMIC_ENTRIES_MAX;
      const last = start >= entries.length;
      await this.#exclusively(async () => {
        const changes = this.#changesOf(chunk);
        changes.push(last ? this.#checkpointChange(position, options.clean) : this.#checkpointChange(before, false));
        await this.#options.store.write(changes, { sync: last && options.clean });
      });
    } while (start < entries.length);
    this.#entries.endFlush();
    this.#entries.evict(entriesKept(this.#options.entries, this.#states));
    await this.#purgeWhenDue(options.clean);
  }

  /** Whether something erased may lie on the store's disk and is to be gone by now: a flush sees to it, also where nothing else is to be stored. */
  get purgeIsDue(): boolean {
    return this.#purgeDue && this.#options.clock.monotonic() - this.#purgedAt >= PURGE_INTERVAL_MS;
  }

  /**
   * What was erased is to be gone from the disk too, where a store otherwise keeps what it deletes for as long as it likes. That writes
   * all of it anew, so not for each by itself; and at the end, so that nothing is left in a store at rest.
   */
  async #purgeWhenDue(isLast: boolean): Promise<void> {
    const { store, clock } = this.#options;
    if (!this.purgeIsDue && !(isLast && this.#purgeDue)) return;
    this.#purgeDue = false;
    this.#purgedAt = clock.monotonic();
    await this.#exclusively(() => store.purge());
  }

  /** Holds the bound of entries also where they are only looked at and nothing is flushed; to be called now and then. */
  trim(): void {
    const kept = entriesKept(this.#options.entries, this.#states);
    const slack = kept / TRIM_SLACK;
    if (this.#entries.cleanCount > slack && this.#entries.size > kept + slack) this.#entries.evict(kept);
  }

  /** The first timers of the store in order (due, key). Exact only when nothing is dirty. */
  async timers(limit: number): Promise<readonly Timer[]> {
    const rows = await this.#options.store.scan({ ...TIMER_ROWS, limit });
    return rows.map((row) => parseTimerRow(row.key));
  }

  /** The first keys of the store behind a key, in order. Exact only when nothing is dirty. */
  async keysAfter(key: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#options.store.scan({ from: `${stateRow(key)}\u0000`, to: STATE_ROWS.to, limit });
    return rows.map((row) => row.key.slice(1));
  }

  /** Committed states with `from` ≤ key in key order; `next` continues, null at the end. Exact only when nothing is dirty. */
  async scan(from: string, limit: number): Promise<StatePage> {
    const rows = await this.#options.store.scan({ from: stateRow(from), to: STATE_ROWS.to, limit });
    const states = rows.map((row) => ({ key: row.key.slice(1), value: unseal(row.value) }));
    const last = states.at(-1);
    return { states, next: rows.length < limit || last === undefined ? null : `${last.key}\u0000` };
  }

  /** Holds the rows of the store against what they must add up to, beside the running work: see {@link StoreTally.scrub}. @throws StateCorrupted */
  scrub(signal: AbortSignal): Promise<boolean> {
    return this.#tally.scrub(signal);
  }

  #changesOf(chunk: readonly Entry[]): StoreChange[] {
    const changes: StoreChange[] = [];
    const sealedRows = sealAll(chunk.map(({ bytes }) => bytes));
    for (const [index, entry] of chunk.entries()) {
      const row = entryRow(entry.key);
      const sealed = sealedRows[index] ?? null;
      // A deletion names the row on the disk: of one that was never there it would be the only trace.
      if (sealed === null && entry.storedChecksum === null) continue;
      changes.push({ key: row, value: sealed });
      if (sealed === null) this.#purgeDue = true;
      else this.#names?.add(entry.key);
      const checksum = sealed === null ? null : checksumOf(sealed);
      this.#tally.entry(row, entry.storedChecksum, checksum);
      if (row < STATE_ROWS.to) this.#states += (checksum === null ? 0 : 1) - (entry.storedChecksum === null ? 0 : 1);
      entry.storedChecksum = checksum;
      if (this.#options.keepTimers && entry.due !== entry.dueStored) {
        if (entry.dueStored !== null) {
          const old = timerRow(entry.dueStored, entry.key);
          changes.push({ key: old, value: null });
          this.#tally.timer(old, -1);
        }
        if (entry.due !== null) {
          const timer = timerRow(entry.due, entry.key);
          changes.push({ key: timer, value: EMPTY });
          this.#tally.timer(timer, 1);
        }
        entry.dueStored = entry.due;
      }
    }
    return changes;
  }

  #checkpointChange(position: StorePosition, clean: boolean): StoreChange {
    const checkpoint: Checkpoint = {
      formatVersion: STORE_FORMAT_VERSION,
      offset: position.offset,
      journal: position.journal,
      aggregate: position.aggregate,
      rows: this.#tally.rows,
      states: this.#states,
      digest: this.#tally.digest,
      bootId: this.#options.bootId,
      clean,
      // The first checkpoint after a purge tells that it is done: after a crash in between it is done again.
      ...(this.#purgeDue ? { purgeDue: true } : {}),
      asOf: this.#asOf,
    };
    this.#checkpoint = checkpoint;
    return { key: CHECKPOINT_ROW, value: seal(encodeCheckpoint(checkpoint)) };
  }

  #dueOf(key: string, bytes: Uint8Array): number | null {
    return this.#options.keepTimers && !isMarkerName(key) ? this.#options.dueOf(bytes) : null;
  }
}

export interface StateTableOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly bootId: string;
  readonly dueOf: (bytes: Uint8Array) => number | null;
  /** Whether the store keeps an index of due times (a view needs none). */
  readonly keepTimers: boolean;
  /** Entries kept in memory, those not stored yet included: these are never evicted, however many. */
  readonly entries: EntryBounds;
  /** As {@link TaskLimits.scrubDelayMs} says. */
  readonly scrubDelayMs: number;
  /** Told of a store that is wiped although nothing is known that would explain it. */
  readonly onDropped: (why: StoreDropped) => void;
  /** A table that was as the log is longer ago may have missed tombstones and is dropped (R18), ms. */
  readonly staleMsMax: number;
}

/** What a store says of itself cannot be read; or it goes beyond the log, which has lost something or is another. */
export type StoreDropped = "UNREADABLE" | "AHEAD_OF_LOG";

export interface StorePosition {
  readonly offset: number;
  readonly journal: Uint8Array | null;
  readonly aggregate: Uint8Array | null;
}

export interface StatePage {
  readonly states: readonly { readonly key: string; readonly value: Uint8Array }[];
  readonly next: string | null;
}

/** Entries written in one atomic write. */
export const ATOMIC_ENTRIES_MAX = 500;

/** Between two purges, unscaled ms. */
const PURGE_INTERVAL_MS = 600_000;

/** Entries beyond the bound, as a part of it, that a trim lets pass, so that it sweeps seldom. */
const TRIM_SLACK = 4;

const NOTHING: StorePosition = { offset: 0, journal: null, aggregate: null };
