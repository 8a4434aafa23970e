import type { Application, Emitted } from "./application.ts";
import type { Clock } from "./clock.ts";
import type { InputPartition } from "./input-record.ts";
import type { ClockMode } from "./journal.ts";
import type { MergePlan } from "./merge.ts";
import type { StageTimes } from "./stages.ts";
import type { Entry } from "./entry-cache.ts";
import type { Tick } from "./tick.ts";
import type { Timer } from "./timer-heap.ts";

/** What goes into a turn. The schemas of its records are known; in mode `event` a TICK can only be the last of them. */
export interface TurnPlan extends MergePlan {
  readonly turn: number;
  readonly where: InputPartition;
  readonly mode: ClockMode;
  readonly tickBefore: Tick;
  /** Whether anything was erased in turns before. */
  readonly hasMarkers: boolean;
  /** In a replay: the tick that the journal says the turn reached. */
  readonly tickReached?: Tick;
  /** Id of the model that everything in the turn is scored with. */
  readonly model: string;
  /** Keys that are scored again, in order: the turn's part of a sweep (R8). */
  readonly swept: readonly string[];
  readonly timersMax: number;
  readonly timerSpanMsMax: number;
}

export interface TurnWorld<State, Event> {
  readonly application: Application<State, Event>;
  readonly timers: TurnTimers;
  /** The entry of a key, or of a marker by its name, loaded. @throws StateCorrupted */
  load(key: string): Entry;
  readonly clock: Clock;
  readonly sliceMsMax: number;
  readonly stages: StageTimes;
}

export interface TurnTimers {
  /** How far timers are known; beyond it the turn ends. */
  readonly loadedTo: Tick;
  pop(limit: Tick): Timer | undefined;
  add(timer: Timer): void;
}

/** What comes out of a turn, to be committed. */
export interface TurnResult {
  readonly tick: Tick;
  /** How many of the plan's records were taken; the others were left for the next turn. */
  readonly taken: number;
  /** The states to be written. */
  readonly changed: readonly ChangedState[];
  readonly emitted: readonly Emitted[];
  /** Outcome of each taken record, in order. */
  readonly outcomes: readonly RecordOutcome[];
  readonly timersFired: number;
  readonly timersChanged: number;
  /** States that the sweep scored anew. */
  readonly rescored: number;
  readonly quarantined: number;
}

export type RecordOutcome = "applied" | "duplicate" | "suppressed" | "deadLetter" | "ticks";

export interface ChangedState {
  /** Of a state, or of a marker (marker-name.ts). */
  readonly entry: Entry;
  /** Encoded; may be a view on the encoder's slab. null = the state is erased. */
  readonly bytes: Uint8Array | null;
}
