import type { Clock } from "./clock.ts";

/**
 * Lets the large turns of a thread's tasks through one after the other. Beside each other none would be done sooner, since they share the
 * thread, and what each holds, its outputs until they are committed and the states that it changed until the store has them, would be in
 * memory at once. Small turns pass: a partition that is nearly at its end waits for nobody who has a backlog.
 *
 *  W1 Nobody has the gate to himself for longer than {@link HOLD_MS_MAX}: whoever cannot commit holds up the others no longer than that. It is
 *  not the waiting that is bounded: behind some turns that go well it may be long, and to give up would have them all in memory at once.
 */
export class TurnGate {
  readonly #clock: Clock;
  readonly #recordsFree: number;
  #taken = false;
  /** In the order in which they came; told whether the gate is theirs now. */
  readonly #waiting: ((theirs: boolean) => void)[] = [];

  /** @param recordsFree a turn of so many records passes in any case */
  constructor(clock: Clock, recordsFree: number = RECORDS_FREE) {
    this.#clock = clock;
    this.#recordsFree = recordsFree;
  }

  /** Runs the turn when its time has come; if the signal aborts before, it is not run. */
  async pass(records: number, signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
    if (records <= this.#recordsFree) return turn();
    if (this.#taken && !(await this.#wait(signal))) return;
    this.#taken = true;
    const done = new AbortController();
    const handedOn = this.#clock.sleep(HOLD_MS_MAX, done.signal).then(() => this.#passOn());
    try {
      if (!signal.aborted) await turn();
    } finally {
      done.abort();
      await handedOn;
    }
  }

  /** @returns whether the gate is theirs; false where the signal aborted before */
  async #wait(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const leave = (): void => {
      const index = this.#waiting.indexOf(resolve);
      if (index >= 0) this.#waiting.splice(index, 1);
      resolve(false);
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiting.push(resolve);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** To whoever has waited longest. */
  #passOn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next(true);
  }
}

/** A turn of so many records is done in some tens of milliseconds. */
const RECORDS_FREE = 2_000;

/** Some times what a turn takes of whose events each is another customer's, on a slow machine. */
const HOLD_MS_MAX = 10_000;
