import { compareKeys } from "./tick.ts";

/**
 * After a model switch all states are scored again, a few in each turn, in the order of their keys (R8). How far that has come is in the
 * journal: the key of the last state that was looked at; "" = none yet; null = no sweep is under way.
 */
export type SweepCursor = string | null;

/** What a turn does of a sweep. */
export interface SweepPart {
  /** In order; which of them have no state any more is seen when they are loaded. */
  readonly keys: readonly string[];
  /** Where the cursor stands after it. */
  readonly reached: SweepCursor;
}

/**
 * Where the sweep stands when a turn begins.
 * @param before of the newest entry; null before the first turn, when there is nothing to score again
 * @param current the model in force
 */
export function sweepBefore(
  before: { readonly model: string; readonly sweepAfter: SweepCursor } | null,
  current: string,
): SweepCursor {
  if (before === null) return null;
  // Of an entry that names no model it is not known that the model is another.
  return before.model === current || before.model === "" ? before.sweepAfter : "";
}

/**
 * How many keys a turn takes: a turn with a backlog takes fewer, and one at least, so that the sweep ends under any load.
 * @param records of the turn, at most `recordsMax`
 */
export function sweepKeysOf(records: number, recordsMax: number, keysMax: number): number {
  return Math.max(1, Math.floor(keysMax * (1 - records / recordsMax)));
}

/** The part of a sweep that a journalled turn did. @param keys of all states before the turn */
export function sweptBetween(keys: Iterable<string>, after: SweepCursor, reached: SweepCursor): readonly string[] {
  if (after === null) return [];
  return [...keys]
    .filter((key) => compareKeys(key, after) > 0 && (reached === null || compareKeys(key, reached) <= 0))
    .sort(compareKeys);
}

/**
 * The keys that a sweep takes next, however many more the store holds. Keys that come into being meanwhile are not among them and need not
 * be: the model in force has scored them, and a replay that comes upon them leaves them as they are.
 */
export class SweepWindow {
  /** In order. */
  readonly #keys: readonly string[];
  readonly #complete: boolean;
  #taken = 0;

  /** @param keys the first ones behind the cursor, in order; `complete` if there are no others */
  constructor(keys: readonly string[], complete: boolean) {
    this.#keys = keys;
    this.#complete = complete;
  }

  /** Whether it has nothing left, and the store may have more. */
  get spent(): boolean {
    return !this.#complete && this.#taken >= this.#keys.length;
  }

  /** The next keys, without taking them. */
  peek(count: number): SweepPart {
    const keys = this.#keys.slice(this.#taken, this.#taken + count);
    const isLast = this.#complete && this.#taken + keys.length >= this.#keys.length;
    return { keys, reached: isLast ? null : (keys.at(-1) ?? null) };
  }

  /** Takes what was peeked at, once that is committed. */
  take(count: number): void {
    this.#taken = Math.min(this.#keys.length, this.#taken + count);
  }
}
