import type { Erasure } from "./erasure.ts";
import type { JournalCodec } from "./journal.ts";
import type { Models } from "./models.ts";
import type { RecordKey } from "./record-key.ts";

/**
 * What a domain gives the runtime to be run exactly once. The runtime knows keys, bytes, times and offsets;
 * everything about customers is behind this interface. `State` is the decoded state of one key, `Event` a
 * decoded input record. All functions are synchronous and pure but for the state they are handed, so that a
 * turn is a pure function of (states before, journal entry, input ranges): R1.
 */
export interface Application<State, Event> {
  /** Input topics in rank order: records of one append time are taken in this order. */
  readonly inputs: readonly string[];
  /** The TICK topic (clock mode `event`), taken last; absent in mode `wall`. */
  readonly ticks?: TickInput;

  /** The id of the schema that a value was written with where it is not known yet: it is loaded before {@link decode} is called. */
  schemaMissing(input: number, value: Uint8Array): number | null;
  /** Makes a schema known that was missing. Rejects while the registry cannot be reached. */
  loadSchema(schemaId: number): Promise<void>;
  /** Decodes and validates one record. Never throws for bad input, an unknown schema included: that is a {@link Refusal}. */
  decode(input: number, key: string, value: Uint8Array): Decoded<Event>;

  /** The state of a key that has none. */
  create(key: string): State;
  /** @throws an error whose code is SCHEMA_MISSING and whose id the schema's: newer code wrote it; it is loaded, then this is called again */
  decodeState(bytes: Uint8Array): State;
  /** May return a view on a shared slab: the bytes must stay as they are, they are not copied. */
  encodeState(state: State): Uint8Array;
  /** The due time inside encoded state, without decoding it all; null = no timer. */
  dueOf(bytes: Uint8Array): number | null;
  /** The instant from which the state wants to be scored again though nothing happens: a lower bound, R6; null = never. */
  due(state: State): number | null;
  /** Moves the due time (quarantine: a day later, R7). */
  postpone(state: State, due: number): void;

  /**
   * Changes the state by one event; any outcome but "applied" leaves the state untouched.
   * May throw: the record is then refused and the state rebuilt, R7.
   */
  apply(state: State, event: Event, context: ApplyContext): Outcome;
  /**
   * Scores a state as of `at`, sets its due time anew (> `at`), and emits what follows from it.
   * Called once a turn for each key changed by records, at each firing of a timer, and in a sweep for each key that no record changes
   * in the turn. May throw, as `apply`.
   * @returns whether the state changed other than in its due time; in a sweep, whether it changed at all: what the model in force
   *   has scored already stays as it is
   */
  score(state: State, at: number, context: ScoreContext): boolean;
  /** How keys are erased; absent = they are not. */
  readonly erasure?: Erasure<State>;
  /** The dead-letter record for one input record. */
  deadLetter(letter: DeadLetter): Emitted;
  /** The journal's and the barrier's serialisation; a schema that is missing is told as by {@link decodeState}. */
  readonly journal: JournalCodec;
  /** The models that `context.model` names. */
  readonly models: Models;
}

export interface TickInput {
  readonly topic: string;
  /** The time a TICK record carries, ms since the epoch; null if it cannot be read. */
  decode(value: Uint8Array): number | null;
}

export type Decoded<Event> = { readonly kind: "event"; readonly event: Event } | Refusal;

/** A record that cannot be taken; `reason` names the rule and never the customer's data. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: string;
  readonly reason: string;
}

export type Outcome = "applied" | "duplicate" | "suppressed" | Refusal;

export interface ApplyContext {
  /** Index into `inputs`. */
  readonly input: number;
  /** Append time of the record, ms. */
  readonly appendedAt: number;
  /** Append time of the record; in clock mode `event` the last TICK, null before the first (R2, R4): the reference for times in the future. */
  readonly referenceAt: number | null;
  /** Id of the turn's model. */
  readonly model: string;
}

export interface ScoreContext {
  /** "model": of a sweep (R8). */
  readonly cause: "records" | "timer" | "model";
  readonly turn: number;
  /** The turn's tick, ms. */
  readonly tick: number;
  /** Id of the turn's model. */
  readonly model: string;
  emit(emitted: Emitted): void;
}

/** An output record; it goes to the task's own partition of `topic`. */
export interface Emitted {
  readonly topic: string;
  readonly key: RecordKey;
  readonly value: Uint8Array | null;
}

export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly code: string;
  readonly reason: string;
}
