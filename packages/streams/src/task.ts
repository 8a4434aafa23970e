import { COUNTS_START } from "./journal.ts";
import { Ownership } from "./ownership.ts";
import { noStageTimes, type StageTimes } from "./stages.ts";
import type { InputLag, TaskOptions, TaskState, TaskStatus } from "./task-options.ts";

/**
 * Owns one partition of every input: fences its predecessor, restores up to its own barrier, works in turns.
 * While the model that its journal names is not at hand (R8) it goes on restoring: it is not ready, and its observer is told why.
 *
 *            openWriter + barrier        own barrier read           signal aborted
 *   fencing ────────────────────► restoring ────────────► running ────────────────► closing
 *      ▲                               │                     │                          │
 *      │ TaskFenced, CommitUnknown,    │                     │                          │ store written, marked clean
 *      └── LogUnavailable,  ◄──────────┴─────────────────────┘                          ▼
 *          StoreUnavailable (store opened again first),                               (done)
 *          StateCorrupted (store wiped first),
 *          a schema that is missing (asked for first)
 *   Any other error ends the task: OffsetOutOfRange, ClockHalted, VersionTooNew, LogCorrupted, TopicMismatch, ErasureSecretWrong, InvariantBroken. A signal that aborts before `running` ends it as it is: there is nothing to leave.
 *
 *  P1 Nothing is committed before the own barrier was read (R14).
 *  P2 The memory of an ownership (buffers, table, timers) is dropped whole when the ownership ends.
 *  P3 One commit at a time; the next turn starts from what it committed.
 *  P4 States reach the store only after the commit that made them (T1).
 *  P5 What a failed write left in the store is harmless. It is there whole or not at all (S6), and whole it holds what was committed (P4)
 *     with the checkpoint that belongs to it: rows may be newer than that, never older, and the changelog read from there writes them again
 *     (R9, T3). What the disk has lost or torn all the same shows by checksums and the scrub, and is wiped and restored (R17).
 */
export class Task<State, Event> {
  readonly #options: TaskOptions<State, Event>;
  readonly #stages: StageTimes = noStageTimes();
  #status: TaskStatus;
  #ownership: Ownership<State, Event> | null = null;

  constructor(options: TaskOptions<State, Event>) {
    this.#options = options;
    this.#status = {
      state: "fencing",
      partition: options.partition,
      turn: 0,
      tickMs: 0,
      restoreRecordsLeft: 0,
      counts: COUNTS_START,
      offset: 0,
      readerVersionMin: 0,
      model: "",
      sweeping: false,
    };
  }

  /** Where the time went since the start. */
  get stages(): Readonly<StageTimes> {
    return this.#stages;
  }

  get status(): TaskStatus {
    return this.#status;
  }

  /** Records that lie in the log and are not applied yet, by input topic; empty while that is not known. */
  get lag(): readonly InputLag[] {
    return this.#ownership?.lag() ?? [];
  }

  /** Keys with a state; 0 while the partition is not owned. */
  get states(): number {
    return this.#ownership?.states ?? 0;
  }

  /** Runs until the signal aborts, then leaves a clean store. Rejects when the task must not go on. */
  async run(signal: AbortSignal): Promise<void> {
    const { limits, clock, observer } = this.#options;
    let backoffMs = limits.backoffMsMin;
    let failure: unknown = null;
    while (!signal.aborted) {
      const startedTurn = this.#status.turn;
      try {
        if (failure !== null) await this.#recoverFrom(failure);
        await this.#own(signal);
        return;
      } catch (error) {
        if (recoveryFrom(error) === "halt") throw error;
        observer.recovering(error);
        failure = error;
        if (this.#status.turn > startedTurn) backoffMs = limits.backoffMsMin;
        await clock.sleep(backoffMs, signal);
        backoffMs = Math.min(2 * backoffMs, limits.backoffMsMax);
        if (signal.aborted) return;
        // Two owners must not fence each other in turns: only who still owns the partition tries again.
        await this.#options.confirmOwnership(signal);
      }
    }
  }

  /** What fails here is recovered from in its turn: a store that cannot be emptied is opened, and found to be what it was before. */
  async #recoverFrom(failure: unknown): Promise<void> {
    const { store } = this.#options;
    const recovery = recoveryFrom(failure);
    if (recovery === "wipe") await store.clear();
    if (recovery === "reopen") await store.reopen(); // P5
    if (recovery === "load") await this.#loadSchemaOf(failure);
  }

  async #own(signal: AbortSignal): Promise<void> {
    const { log, writerId, partition, topics } = this.#options;
    this.#enter("fencing");
    const written = [topics.changelog, topics.journal, ...topics.outputs];
    const writer = await log.openWriter(
      writerId,
      written.map((topic) => ({ topic, partition })),
    );
    const ownership = new Ownership(this.#options, writer, this.#stages, (change) => {
      this.#status = { ...this.#status, ...change };
    });
    this.#ownership = ownership;
    try {
      const barrierOffset = await ownership.writeBarrier();
      this.#enter("restoring");
      await ownership.restore(barrierOffset, signal);
      if (signal.aborted) return;
      await ownership.awaitModel(signal);
      if (signal.aborted) return;
      this.#enter("running");
      await ownership.work(signal);
      this.#enter("closing");
      await ownership.leave();
    } finally {
      this.#ownership = null; // P2
      await writer.close();
    }
  }

  /** Of a state or an entry that newer code has written (R16). Where the registry does not answer, the next spell asks again. */
  async #loadSchemaOf(error: unknown): Promise<void> {
    const { application, observer } = this.#options;
    try {
      await application.loadSchema((error as { readonly id: number }).id);
    } catch {
      observer.registryUnavailable();
    }
  }

  #enter(state: TaskState): void {
    this.#status = { ...this.#status, state };
    this.#options.observer.entered(state);
  }
}

function recoveryFrom(error: unknown): "retry" | "reopen" | "wipe" | "load" | "halt" {
  // By code, not by class: an adapter may have been loaded with another copy of this package.
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "TASK_FENCED" || code === "COMMIT_UNKNOWN" || code === "LOG_UNAVAILABLE") return "retry";
  if (code === "STORE_UNAVAILABLE") return "reopen";
  if (code === "SCHEMA_MISSING") return "load";
  return code === "STATE_CORRUPTED" ? "wipe" : "halt";
}
