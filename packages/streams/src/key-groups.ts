import type { Timer } from "./timer-heap.ts";

/** What one key has to do in a turn. */
export interface KeyGroup {
  readonly key: string;
  /** Index of its first record; {@link KeyGroups.after} gives the others. None: {@link NONE}. */
  first: number;
  last: number;
  /** How many it has. */
  records: number;
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
      this.#groups.set(key, groupOf(key, index, null, false));
      return;
    }
    this.#next[group.last] = index;
    group.last = index;
    group.records++;
  }

  /** After all records, in the order of the timers. */
  addTimer({ key, due }: Timer): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, groupOf(key, NONE, due, false));
    else group.due = due;
  }

  /** After all records and timers, in the order of the keys. */
  addSwept(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, groupOf(key, NONE, null, true));
    else group.swept = true;
  }

  /** The next record of the same key. */
  after(index: number): number {
    return this.#next[index] ?? NONE;
  }

  [Symbol.iterator](): Iterator<KeyGroup> {
    return this.#groups.values();
  }

  /** A few at a time: at most so many keys, and as soon as they have so many records no more of them. */
  *inChunks(keysMax: number, recordsEnough: number): Generator<readonly KeyGroup[]> {
    let chunk: KeyGroup[] = [];
    let records = 0;
    for (const group of this) {
      chunk.push(group);
      records += group.records;
      if (chunk.length < keysMax && records < recordsEnough) continue;
      yield chunk;
      chunk = [];
      records = 0;
    }
    if (chunk.length > 0) yield chunk;
  }
}

function groupOf(key: string, record: number, due: number | null, swept: boolean): KeyGroup {
  return { key, first: record, last: record, records: record === NONE ? 0 : 1, due, swept };
}
