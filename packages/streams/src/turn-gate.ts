import type { Clock } from "./clock.ts";

/**
 * Lets the large turns of a thread's tasks through one after the other. Beside each other none would be done sooner, since they share the
 * thread, and what each holds until it is committed, its outputs, would be in memory at once. Small turns pass: a partition that is
 * nearly at its end waits for nobody who has a backlog.
 *
 *  W1 Nobody waits longer than {@link WAIT_MS_MAX}: whoever cannot commit holds up the others no longer than that.
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
    const mine = !this.#taken || (await this.#wait(signal));
    if (mine) this.#taken = true;
    try {
      if (!signal.aborted) await turn();
    } finally {
      if (mine) this.#passOn();
    }
  }

  /** @returns false where it took too long (W1), or the signal aborted: the gate is still another's */
  async #wait(signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    this.#waiting.push(resolve);
    void this.#giveUp(resolve, over.signal);
    try {
      return await promise;
    } finally {
      end();
      signal.removeEventListener("abort", end);
    }
  }

  /** When it took too long or is over; then whoever has the gate by now has it. */
  async #giveUp(waiting: (theirs: boolean) => void, over: AbortSignal): Promise<void> {
    await this.#clock.sleep(WAIT_MS_MAX, over);
    const index = this.#waiting.indexOf(waiting);
    if (index >= 0) this.#waiting.splice(index, 1);
    waiting(false);
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

const WAIT_MS_MAX = 2_000;
