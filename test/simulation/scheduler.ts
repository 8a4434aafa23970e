import type { Clock } from "@tidemark/streams";
import type { Random } from "./random.ts";

/**
 * Chooses what happens next. Every await of the code under test at a port is a step here; the scheduler lets
 * everything run to its next step, then picks one at random, or lets virtual time pass. Nothing else moves.
 */
export class Scheduler {
  readonly random: Random;
  readonly #steps: Pending[] = [];
  readonly #sleepers: Sleeper[] = [];
  #now: number;
  #count = 0;

  constructor(random: Random, startAt: number) {
    this.random = random;
    this.#now = startAt;
  }

  get now(): number {
    return this.#now;
  }

  /** Steps taken so far. */
  get count(): number {
    return this.#count;
  }

  /** Waits to be chosen; never resolves once the process it belongs to is dead. */
  step(process: Process): Promise<void> {
    return new Promise((resolve) => {
      this.#steps.push({ process, resolve });
    });
  }

  sleep(process: Process, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { process, wakeAt: this.#now + Math.max(0, ms), resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener("abort", () => {
        const index = this.#sleepers.indexOf(sleeper);
        if (index >= 0) this.#sleepers.splice(index, 1);
        resolve();
      });
    });
  }

  /** One thing happens. @returns false if nothing is left that could */
  async advance(): Promise<boolean> {
    await settled();
    this.#bury(this.#steps);
    this.#bury(this.#sleepers);
    const ready = this.#steps.filter((step) => step.process.state === "alive");
    const asleep = this.#sleepers.filter((sleeper) => sleeper.process.state === "alive");
    this.#count++;
    const soon = asleep.some((sleeper) => sleeper.wakeAt <= this.#now + SOON_MS);
    if (ready.length > 0 && !(soon && this.random.chance(0.05))) {
      const chosen = this.random.pick(ready);
      this.#steps.splice(this.#steps.indexOf(chosen), 1);
      if (this.random.chance(0.3)) this.#now += 1;
      chosen.resolve();
      return true;
    }
    if (asleep.length === 0) return false;
    const next = asleep.reduce((a, b) => (b.wakeAt < a.wakeAt ? b : a));
    this.#now = Math.max(this.#now, next.wakeAt);
    this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
    next.resolve();
    return true;
  }

  clock(process: Process): Clock {
    return {
      now: () => this.#now,
      monotonic: () => this.#now,
      sleep: (ms, signal) => this.sleep(process, ms, signal),
      yield: () => this.step(process),
    };
  }

  #bury(items: { readonly process: Process }[]): void {
    for (let i = items.length - 1; i >= 0; i--) {
      if (items[i]?.process.state === "dead") items.splice(i, 1);
    }
  }
}

/** While something else could happen, time does not pass by more than this in one go. */
const SOON_MS = 2_000;

/** A life that can be stopped and ended from outside, as SIGSTOP and SIGKILL do. */
export interface Process {
  state: "alive" | "stopped" | "dead";
}

interface Pending {
  readonly process: Process;
  resolve(): void;
}

interface Sleeper extends Pending {
  readonly wakeAt: number;
}

/** Resolves when all promise reactions that can run have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
