import type { Application, Emitted } from "./application.ts";
import type { Clock } from "./clock.ts";
import type { EventLog } from "./event-log.ts";
import type { ClockMode, JournalEntry, OutcomeCounts } from "./journal.ts";
import type { TaskLimits } from "./limits.ts";
import type { StateStore } from "./state-store.ts";
import type { StoreDropped } from "./state-table.ts";
import type { TurnGate } from "./turn-gate.ts";

/** What a task is given, and what it tells. */
export type TaskState = "fencing" | "restoring" | "running" | "closing";

export interface TaskStatus {
  readonly state: TaskState;
  readonly partition: number;
  readonly turn: number;
  readonly tickMs: number;
  readonly restoreRecordsLeft: number;
  readonly counts: OutcomeCounts;
  /** Changelog offset up to which its states are whole; 0 until the store has been looked at. */
  readonly offset: number;
  /** The least version of code that reads the newest journal entry it knows; 0 if it knows none. */
  readonly readerVersionMin: number;
  /** Id of the model that the newest turn was scored with; "" before the first. */
  readonly model: string;
  /** Whether states are still to be scored again after a model switch. */
  readonly sweeping: boolean;
}

export interface InputLag {
  readonly topic: string;
  readonly records: number;
}

export interface TaskOptions<State, Event> {
  readonly application: Application<State, Event>;
  readonly log: EventLog;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly mode: ClockMode;
  readonly partition: number;
  /** Of every keyed topic. */
  readonly partitions: number;
  /** The transactional.id: one a partition, the same for every owner. */
  readonly writerId: string;
  /** Names this process in its barriers. */
  readonly owner: string;
  readonly topics: TaskTopics;
  readonly limits: TaskLimits;
  /** The same for all tasks of a thread. */
  readonly gate: TurnGate;
  /** ms of the log's clock in an unscaled ms: 1, but for demos. */
  readonly timeScale: number;
  /** Identifies the machine's boot (R17). */
  readonly bootId: string;
  /** A random token, different at each call. */
  token(): string;
  /** Resolves when who shares out partitions says, asked since the call, that this one is still ours; or when the signal aborts. */
  confirmOwnership(signal: AbortSignal): Promise<void>;
  readonly observer: TaskObserver;
}

export interface TaskTopics {
  readonly changelog: string;
  readonly journal: string;
  /** All that turns write to besides. */
  readonly outputs: readonly string[];
}

/** Told what happens; must not throw. */
export interface TaskObserver {
  entered(state: TaskState): void;
  /** The task starts again after this failure. */
  recovering(error: unknown): void;
  turn(report: TurnReport): void;
  registryUnavailable(): void;
  /** The partition waits for the model that its journal names (R8); told once an ownership. */
  modelMissing(id: string): void;
  /** The store is made anew from the changelog although nothing is known that would explain it. */
  storeDropped(why: StoreDropped): void;
}

export interface TurnReport {
  readonly partition: number;
  readonly entry: JournalEntry;
  /** By the rank of the input. */
  readonly outcomesByInput: readonly OutcomeCounts[];
  /** Append time of the first record taken; null if only timers fired. */
  readonly oldestAppendedAt: number | null;
  readonly emitted: readonly Emitted[];
  readonly timersFired: number;
  readonly timersChanged: number;
  /** States that a sweep scored anew. */
  readonly rescored: number;
  readonly quarantined: number;
  /** States the partition has in its store. */
  readonly states: number;
  readonly turnMs: number;
  readonly commitMs: number;
}
