import type { Timer } from "./timer-heap.ts";

/** What one key has to do in a turn. */
export interface KeyGroup {
  readonly key: string;
  /** Index of its first record; {@link KeyGroups.after} gives the others. None: {@link NONE}. */
  first: number;
  last: number;
  /** When its timer is due in this turn; null = not. */
  due: number | null;
  /** Whether the sweep has come to it. */
  swept: boolean;
}

/** No record. */
export const NONE = -1;

/**
 * The records and timers of a turn by key, in the order in which they are worked off: keys by their first record, then
 * those that only have a timer by it, then those of a sweep by their names. Records of a key are linked by index, since most have one or two.
 */
export class KeyGroups {
  readonly #groups = new Map<string, KeyGroup>();
  readonly #next: Int32Array;

  constructor(records: number) {
    this.#next = new Int32Array(records).fill(NONE);
  }

  /** Records are added in their order. */
  addRecord(key: string, index: number): void {
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { key, first: index, last: index, due: null, swept: false });
      return;
    }
    this.#next[group.last] = index;
    group.last = index;
  }

  /** After all records, in the order of the timers. */
  addTimer({ key, due }: Timer): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { key, first: NONE, last: NONE, due, swept: false });
    else group.due = due;
  }

  /** After all records and timers, in the order of the keys. */
  addSwept(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { key, first: NONE, last: NONE, due: null, swept: true });
    else group.swept = true;
  }

  /** The next record of the same key. */
  after(index: number): number {
    return this.#next[index] ?? NONE;
  }

  [Symbol.iterator](): Iterator<KeyGroup> {
    return this.#groups.values();
  }

  /** So many at a time; the last are fewer. */
  *inChunks(size: number): Generator<readonly KeyGroup[]> {
    let chunk: KeyGroup[] = [];
    for (const group of this) {
      chunk.push(group);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }
}
