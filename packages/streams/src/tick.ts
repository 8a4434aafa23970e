/**
 * The tick of a turn: how far time has been worked off. A pair, because many timers can be due in one
 * millisecond and are then taken in several turns (R5). It is in the journal and never falls (R3).
 */
export interface Tick {
  /** ms since the epoch; 0 before the first turn. */
  readonly ms: number;
  /** Timers due at `ms` have fired up to this key: null = all of them, "" = none. */
  readonly key: string | null;
}

export const TICK_START: Tick = { ms: 0, key: null };

/** Whether a timer (due, key) lies at or before the tick. */
export function isDone(due: number, key: string, tick: Tick): boolean {
  return due < tick.ms || (due === tick.ms && (tick.key === null || compareKeys(key, tick.key) <= 0));
}

/** Negative, 0 or positive, as for `sort`. */
export function compareTicks(a: Tick, b: Tick): number {
  if (a.ms !== b.ms) return a.ms - b.ms;
  if (a.key === null || b.key === null) return a.key === b.key ? 0 : a.key === null ? 1 : -1;
  return compareKeys(a.key, b.key);
}

export function later(a: Tick, b: Tick): Tick {
  return compareTicks(a, b) >= 0 ? a : b;
}

export function earlier(a: Tick, b: Tick): Tick {
  return compareTicks(a, b) <= 0 ? a : b;
}

/** Order of two keys by their UTF-8 bytes, the order in which a store keeps them (S4). */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // UTF-16 puts surrogates (characters above U+FFFF) before U+E000–U+FFFF; UTF-8 puts them after.
      return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
    }
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
