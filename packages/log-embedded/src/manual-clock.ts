import type { Clock } from "@tidemark/streams";

/** A clock that a test moves. What sleeps wakes in the order of its time. */
export class ManualClock implements Clock {
  #now: number;
  #elapsed = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) {
      resolve();
      return promise;
    }
    const sleeper = {
      until: this.#elapsed + ms,
      wake: () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener("abort", sleeper.wake);
        resolve();
      },
    };
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", sleeper.wake);
    return promise;
  }

  yield(): Promise<void> {
    return Promise.resolve();
  }

  /** Moves the time of day only: a clock that was set. */
  set(now: number): void {
    this.#now = now;
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
    const due = [...this.#sleepers].filter(({ until }) => until <= this.#elapsed);
    for (const { wake } of due.sort((a, b) => a.until - b.until)) wake();
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}
