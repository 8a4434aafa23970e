import { assert } from "./errors.ts";
import type { TaskLimits } from "./limits.ts";

/**
 * The entries of a table in memory, in the order in which they were changed or loaded last, and which of them the store does not
 * hold yet as they are.
 *
 * Most changes are of entries that are here already, and each costs a move to the end of the order: entries are linked to their
 * neighbours, since to take a key out of a map and put it in again costs ten times as much, and to keep the changed ones in a set
 * once more as much.
 *
 *  C1 An entry is in the order if and only if the map has it under its key.
 *  C2 A changed entry, and one that the flush under way has taken on, is never evicted (T4).
 *  C3 Bytes that the store holds share the memory that they were cut from for {@link SHARED_CHANGES_MAX} changes and a flush at most: a
 *     chunk is as large as hundreds of them and lies there until the last is let go of, and of nearly every chunk one is of a key that falls silent.
 */
export class EntryCache {
  readonly #entries = new Map<string, Entry>();
  /** Longest untouched, and newest; null when there are none. */
  #oldest: Entry | null = null;
  #newest: Entry | null = null;
  /** The oldest whose bytes may share memory; all before it have their own. */
  #sharing: Entry | null = null;
  #changes = 0;
  #changed: Entry[] = [];
  #flushing: readonly Entry[] = [];

  get size(): number {
    return this.#entries.size;
  }

  /** Entries that differ from the store and no flush has taken on. */
  get changedCount(): number {
    return this.#changed.length;
  }

  /** Entries that may be evicted; at least, since one that has changed again during the flush counts twice. */
  get cleanCount(): number {
    return this.#entries.size - this.#changed.length - this.#flushing.length;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Takes in an entry whose key is not here. */
  add(entry: Entry): void {
    assert(!entry.cached, "an entry is taken in once (C1)");
    entry.cached = true;
    this.#entries.set(entry.key, entry);
    this.#append(entry);
  }

  /** The entry has changed: it is the newest, and to be stored. A turn may hold one that was evicted meanwhile. */
  change(entry: Entry): void {
    if (entry.cached) {
      this.#unlink(entry);
      this.#append(entry);
    } else {
      const other = this.#entries.get(entry.key);
      if (other !== undefined) this.#remove(other);

      this.add(entry);
    }
    this.#changes++;
    if (entry.changed) return;
    entry.changed = true;
    this.#changed.push(entry);
  }

  /** What a flush has to store; one flush at a time. */
  beginFlush(): readonly Entry[] {
    const entries = this.#changed;
    this.#changed = [];
    this.#flushing = entries;
    for (const entry of entries) {
      entry.changed = false;
      entry.flushing = true;
    }
    return entries;
  }

  /** The store has what {@link beginFlush} gave. */
  endFlush(): void {
    for (const entry of this.#flushing) entry.flushing = false;
    this.#flushing = [];
  }

  /**
   * Holds the bound of entries. Those go that were changed or loaded longest ago (C2): so what the encoder cut from one chunk is let
   * go of together.
   */
  evict(entriesMax: number): void {
    let entry = this.#oldest;
    while (entry !== null && this.#entries.size > entriesMax) {
      const { newer } = entry;
      if (!entry.changed && !entry.flushing) this.#remove(entry);
      entry = newer;
    }
    this.#unshare();
  }

  #remove(entry: Entry): void {
    this.#unlink(entry);
    this.#entries.delete(entry.key);
    entry.cached = false;
  }

  /** Not those that are still to be stored: most of them are let go of then. They are the newest, but for what was loaded meanwhile. */
  #unshare(): void {
    let entry = this.#sharing;
    while (entry !== null && this.#changes - entry.newestAt >= SHARED_CHANGES_MAX) {
      if (entry.changed || entry.flushing) break;
      if (entry.bytes !== null) entry.bytes = ownMemory(entry.bytes);
      entry = entry.newer;
    }
    this.#sharing = entry;
  }

  #append(entry: Entry): void {
    entry.newestAt = this.#changes;
    this.#sharing ??= entry;
    entry.older = this.#newest;
    if (this.#newest === null) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry): void {
    const { older, newer } = entry;
    if (this.#sharing === entry) this.#sharing = newer;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    entry.older = null;
    entry.newer = null;
  }
}

/** Memory for each at once would cost more than it is to encode them; most of those that change often are changed again before. */
export const SHARED_CHANGES_MAX = 4_000;

/** The same bytes, in memory that holds little else. */
function ownMemory(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength <= 2 * bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/**
 * How many entries are kept of a table with so many states: the most where that is at least half of them. Customers come up very unevenly: of
 * a table with many more states the newest few are asked for nearly as often as four times as many would be, and memory goes by how many.
 */
export function entriesKept({ cachedEntriesMin: least, cachedEntriesMax: most }: EntryBounds, states: number): number {
  if (states <= 2 * most) return most;
  return Math.min(most, Math.max(least, Math.floor((2 * most * most) / states)));
}

export type EntryBounds = Pick<TaskLimits, "cachedEntriesMin" | "cachedEntriesMax">;

export interface Entry {
  readonly key: string;
  /** Committed, as the encoder or the log made them; null = none. */
  bytes: Uint8Array | null;
  due: number | null;
  /** The due time under which the store holds its timer row. */
  dueStored: number | null;
  /** Checksum of the row that the store holds; null = none. */
  storedChecksum: number | null;
  // The cache's own.
  cached: boolean;
  changed: boolean;
  flushing: boolean;
  /** Changes that there had been of all entries when it became the newest. */
  newestAt: number;
  older: Entry | null;
  newer: Entry | null;
}

/** An entry as the store has it. */
export function storedEntry(
  key: string,
  bytes: Uint8Array | null,
  due: number | null,
  storedChecksum: number | null,
): Entry {
  return {
    key,
    bytes,
    due,
    dueStored: due,
    storedChecksum,
    cached: false,
    changed: false,
    flushing: false,
    newestAt: 0,
    older: null,
    newer: null,
  };
}
