import { compareKeys, isDone, type Tick } from "./tick.ts";

export interface Timer {
  readonly due: number;
  readonly key: string;
}

/** A binary min-heap of timers in the order (due, key). Entries may be stale: whoever pops one compares it with the state's due. */
export class TimerHeap {
  readonly #items: Timer[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): Timer | undefined {
    return this.#items[0];
  }

  push(timer: Timer): void {
    const items = this.#items;
    let index = items.length;
    items.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as Timer;
      if (!before(timer, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = timer;
  }

  /** Removes and returns the first timer at or before the limit. */
  pop(limit: Tick): Timer | undefined {
    const items = this.#items;
    const first = items[0];
    if (first === undefined || !isDone(first.due, first.key, limit)) return undefined;
    const last = items.pop() as Timer;
    if (items.length > 0) this.#sink(last);
    return first;
  }

  #sink(timer: Timer): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && before(items[right] as Timer, items[child] as Timer)) child = right;
      const below = items[child] as Timer;
      if (!before(below, timer)) break;
      items[index] = below;
      index = child;
    }
    items[index] = timer;
  }
}

/** The order (due, key). */
export function compareTimers(a: Timer, b: Timer): number {
  return a.due - b.due || compareKeys(a.key, b.key);
}

function before(a: Timer, b: Timer): boolean {
  return compareTimers(a, b) < 0;
}
