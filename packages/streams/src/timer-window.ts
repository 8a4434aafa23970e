import { TimerHeap, type Timer } from "./timer-heap.ts";
import { compareTicks, isDone, type Tick } from "./tick.ts";

/**
 * The timers that can be due next: all those up to `loadedTo`, however many more the store holds. An entry may be
 * stale (its key was scored again since); the state's own due time decides (R6).
 */
export class TimerWindow {
  readonly #heap = new TimerHeap();
  readonly loadedTo: Tick;
  /** Whether the store holds no timers beyond the window. */
  readonly complete: boolean;

  /** @param timers the first timers of the store, in order; `complete` if there are no others */
  constructor(timers: readonly Timer[], complete: boolean) {
    const last = timers.at(-1);
    this.complete = complete;
    this.loadedTo = complete || last === undefined ? END_OF_TIME : { ms: last.due, key: last.key };
    for (const timer of timers) this.#heap.push(timer);
  }

  /** Takes note of a timer that was set; one beyond the window is left to the store. */
  add(timer: Timer): void {
    if (isDone(timer.due, timer.key, this.loadedTo)) this.#heap.push(timer);
  }

  get size(): number {
    return this.#heap.size;
  }

  peek(): Timer | undefined {
    return this.#heap.peek();
  }

  /** The next timer at or before the limit and inside the window. */
  pop(limit: Tick): Timer | undefined {
    return this.#heap.pop(compareTicks(limit, this.loadedTo) < 0 ? limit : this.loadedTo);
  }
}

export const END_OF_TIME: Tick = { ms: Number.MAX_SAFE_INTEGER, key: null };
