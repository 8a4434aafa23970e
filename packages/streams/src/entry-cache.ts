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
 *  C3 What the store holds is packed anew after so many changes that what it was cut from may be mostly something else: a chunk is as large as
 *     hundreds of states and lies there until the last is let go of, and of nearly every chunk one is of a key that falls silent.
 */
export class EntryCache {
  readonly #entries = new Map<string, Entry>();
  /** Longest untouched, and newest; null when there are none. */
  #oldest: Entry | null = null;
  #newest: Entry | null = null;
  /** Changes since the last packing. */
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
    if (this.#changes >= Math.max(PACKED_CHANGES_MIN, 2 * this.#entries.size)) this.#pack();
  }

  #remove(entry: Entry): void {
    this.#unlink(entry);
    this.#entries.delete(entry.key);
    entry.cached = false;
  }

  /** Not those that are still to be stored: many of them are let go of then. */
  #pack(): void {
    this.#changes = 0;
    let chunk = Buffer.alloc(0);
    let used = 0;
    for (let entry = this.#oldest; entry !== null; entry = entry.newer) {
      if (entry.bytes === null || entry.changed || entry.flushing) continue;
      const { length } = entry.bytes;
      if (chunk.length - used < length) {
        chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length));
        used = 0;
      }
      chunk.set(entry.bytes, used);
      entry.bytes = chunk.subarray(used, used + length);
      used += length;
    }
  }

  #append(entry: Entry): void {
    entry.older = this.#newest;
    if (this.#newest === null) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry): void {
    const { older, newer } = entry;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    entry.older = null;
    entry.newer = null;
  }
}

/** Fewer hold little memory, however many chunks they were cut from. */
export const PACKED_CHANGES_MIN = 4_000;
const CHUNK_BYTES = 256 * 1024;

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
    older: null,
    newer: null,
  };
}
