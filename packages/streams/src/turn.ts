import type { DeadLetter, Emitted, Outcome, Refusal, ScoreContext } from "./application.ts";
import { assert } from "./errors.ts";
import { inputTopics } from "./input-record.ts";
import type { Buffered } from "./merge.ts";
import { Slicer } from "./slicer.ts";
import type { Entry } from "./state-table.ts";
import { compareTicks, type Tick } from "./tick.ts";
import type { Timer } from "./timer-heap.ts";
import type { ChangedState, RecordOutcome, Touched, TurnPlan, TurnResult, TurnWorld } from "./turn-plan.ts";

/**
 * One turn of a task: takes records and due timers in one order of time, scores, and gives back what is to be
 * committed. It reads nothing but what it is handed and changes nothing that is committed, so that the same
 * plan over the same states gives the same bytes (R1), whether the task runs it or a replay does.
 */
export async function runTurn<State, Event>(
  plan: TurnPlan<Event>,
  world: TurnWorld<State, Event>,
): Promise<TurnResult<State>> {
  const turn = new Turn(plan, world);
  await turn.loadStates();
  await turn.takeRecordsAndTimers();
  await turn.scoreChanged();
  await turn.encodeChanged();
  return turn.result();
}

/** What happened to states in this turn, for rebuilding one that threw. */
type Step<Event> =
  | {
      readonly kind: "record";
      readonly key: string;
      readonly index: number;
      readonly record: Buffered<Event>;
      readonly referenceAt: number | null;
    }
  | { readonly kind: "timer"; readonly key: string; readonly due: number }
  /** A timer threw and was moved to this due time. */
  | { readonly kind: "postponed"; readonly key: string; readonly due: number };

interface KeyedEmission {
  readonly key: string;
  readonly emitted: Emitted;
}

/** How far a quarantined state's timer is moved, R7. */
const QUARANTINE_MS = 86_400_000;
/** R7. */
const STATE_BYTES_MAX = 16_384;

class Turn<State, Event> {
  readonly #plan: TurnPlan<Event>;
  readonly #world: TurnWorld<State, Event>;
  readonly #slicer: Slicer;
  readonly #touched = new Map<string, Touched<State>>();
  readonly #changed: Touched<State>[] = [];
  readonly #encoded: ChangedState<State>[] = [];
  readonly #steps: Step<Event>[] = [];
  #emissions: KeyedEmission[] = [];
  readonly #deadLetters: Emitted[] = [];
  readonly #outcomes: RecordOutcome[] = [];
  #tick: Tick;
  #taken = 0;
  #timersFired = 0;
  #timersChanged = 0;
  #quarantined = 0;

  constructor(plan: TurnPlan<Event>, world: TurnWorld<State, Event>) {
    this.#plan = plan;
    this.#world = world;
    this.#slicer = new Slicer(world.clock, world.sliceMsMax);
    this.#tick = plan.tickBefore;
  }

  async loadStates(): Promise<void> {
    for (const record of this.#plan.records) {
      if (record.content.kind === "event") this.#stateOf(this.#touch(record.key).entry);
      if (this.#slicer.due()) await this.#slicer.pause();
    }
    this.#world.stages.stateMs += this.#slicer.workedMs();
  }

  async takeRecordsAndTimers(): Promise<void> {
    this.#tick = this.#plan.mode === "wall" ? await this.#takeInWallTime() : await this.#takeInEventTime();
    this.#world.stages.applyMs += this.#slicer.workedMs();
  }

  /** Each timer fires after the records at or before its due time and before later ones. */
  async #takeInWallTime(): Promise<Tick> {
    const { records, lowerAfter, tickBefore, tickReached } = this.#plan;
    let last = tickBefore.ms;
    for (const record of records) {
      const before: Tick = { ms: record.record.appendedAt - 1, key: null };
      const limit = tickReached === undefined ? before : earlier(before, tickReached);
      if (this.#world.timers.reaches(limit)) {
        const stopped = await this.#fireUpTo(limit);
        if (stopped !== null) return later(stopped, tickBefore);
      }
      this.#take(record);
      last = record.record.appendedAt;
      if (this.#slicer.due()) await this.#slicer.pause();
    }
    const end = tickReached ?? { ms: lowerAfter - 1, key: null };
    const stopped = await this.#fireUpTo(end);
    if (stopped !== null) return later(stopped, tickBefore);
    // Where records of one millisecond are split between turns, its timers wait for the last of them.
    return later(end.ms < last ? { ms: last, key: "" } : end, tickBefore);
  }

  /** Only a TICK moves time (R4); it is taken when all its timers have fired. */
  async #takeInEventTime(): Promise<Tick> {
    const { records, tickBefore, tickReached } = this.#plan;
    for (const record of records) {
      if (record.content.kind === "tick") {
        const stopped = await this.#fireUpTo(later({ ms: record.content.at, key: null }, tickBefore));
        if (stopped !== null) return later(stopped, tickBefore);
        this.#taken++;
        this.#outcomes.push("ticks");
        return later({ ms: record.content.at, key: null }, tickBefore);
      }
      this.#take(record);
      if (this.#slicer.due()) await this.#slicer.pause();
    }
    if (tickReached !== undefined) await this.#fireUpTo(tickReached);
    return tickReached ?? tickBefore;
  }

  /** Fires timers up to the limit; returns where it had to stop before, if it had to. */
  async #fireUpTo(limit: Tick): Promise<Tick | null> {
    const { timers } = this.#world;
    for (;;) {
      const timer = timers.pop(limit);
      if (timer === undefined) break;
      this.#fire(timer);
      if (this.#timersFired >= this.#plan.timersMax && this.#plan.tickReached === undefined) {
        return { ms: timer.due, key: timer.key };
      }
      if (this.#slicer.due()) await this.#slicer.pause();
    }
    return compareTicks(timers.loadedTo, limit) < 0 ? timers.loadedTo : null;
  }

  #fire(timer: Timer): void {
    const touched = this.#touch(timer.key);
    const state = this.#stateOf(touched.entry);
    if (this.#world.application.due(state) !== timer.due) return; // Scored again since it was set.
    this.#timersFired++;
    try {
      if (this.#score(timer.key, state, timer.due, "timer")) this.#timersChanged++;
      this.#steps.push({ kind: "timer", key: timer.key, due: timer.due });
    } catch {
      this.#quarantined++;
      const rebuilt = this.#rebuild(touched.entry);
      const due = timer.due + QUARANTINE_MS;
      this.#world.application.postpone(rebuilt, due);
      this.#steps.push({ kind: "postponed", key: timer.key, due });
      this.#noteDue(timer.key, rebuilt);
    }
    this.#markChanged(touched);
  }

  #take(record: Buffered<Event>): void {
    this.#taken++;
    const { content } = record;
    if (content.kind === "tick") {
      this.#outcomes.push("ticks");
    } else if (content.kind === "refused") {
      this.#refuse(record, content);
    } else {
      this.#apply(record, content.event);
    }
  }

  #apply(record: Buffered<Event>, event: Event): void {
    const { application } = this.#world;
    const touched = this.#touch(record.key);
    const state = this.#stateOf(touched.entry);
    const referenceAt =
      this.#plan.mode === "wall"
        ? record.record.appendedAt
        : this.#plan.tickBefore.ms === 0
          ? null
          : this.#plan.tickBefore.ms;
    let outcome: Outcome;
    try {
      outcome = application.apply(state, event, { input: record.input, referenceAt });
    } catch {
      this.#quarantined++;
      this.#rebuild(touched.entry);
      outcome = {
        kind: "refused",
        code: "QUARANTINED",
        reason: "applying the event broke an invariant of its customer",
      };
    }
    if (typeof outcome === "object") {
      this.#refuse(record, outcome);
      return;
    }
    if (outcome === "applied") {
      touched.byRecords = true;
      this.#markChanged(touched);
    }
    this.#steps.push({ kind: "record", key: record.key, index: this.#outcomes.length, record, referenceAt });
    this.#outcomes.push(outcome);
  }

  #refuse(record: Buffered<Event>, refusal: Refusal): void {
    this.#outcomes.push("deadLetter");
    this.#deadLetters.push(this.#letter(record, refusal));
  }

  async scoreChanged(): Promise<void> {
    for (const touched of this.#changed) {
      if (!touched.byRecords) continue;
      const { entry } = touched;
      try {
        this.#score(entry.key, this.#stateOf(entry), this.#tick.ms, "records");
      } catch {
        this.#quarantine(touched);
      }
      if (this.#slicer.due()) await this.#slicer.pause();
    }
    this.#world.stages.scoreMs += this.#slicer.workedMs();
  }

  /** A state that cannot be encoded, or to too much, would stop the partition for good: it is quarantined too (R7). */
  async encodeChanged(): Promise<void> {
    for (const touched of this.#changed) {
      if (touched.dirty) this.#encode(touched);
      if (this.#slicer.due()) await this.#slicer.pause();
    }
    this.#world.stages.encodeMs += this.#slicer.workedMs();
  }

  #encode(touched: Touched<State>): void {
    const { entry } = touched;
    try {
      const bytes = this.#world.application.encodeState(this.#stateOf(entry));
      assert(bytes.length <= STATE_BYTES_MAX, "an encoded state stays below its bound (R7)");
      this.#encoded.push({ entry, bytes });
    } catch (error) {
      // What was committed once and only has its timer postponed can be encoded.
      if (touched.quarantined) throw error;
      this.#quarantine(touched);
      if (touched.dirty) this.#encode(touched);
    }
  }

  /** A state that cannot be scored or encoded goes back to what is committed, its records to the dead letters (R7). */
  #quarantine(touched: Touched<State>): void {
    const { application } = this.#world;
    const { entry } = touched;
    this.#quarantined++;
    touched.quarantined = true;
    this.#emissions = this.#emissions.filter((emission) => emission.key !== entry.key);
    for (const step of this.#steps) {
      if (step.key === entry.key && step.kind === "record") {
        this.#outcomes[step.index] = "deadLetter";
        this.#deadLetters.push(
          this.#letter(step.record, {
            kind: "refused",
            code: "QUARANTINED",
            reason: "the event broke an invariant of its customer: it could not be scored, or not be stored",
          }),
        );
      }
    }
    touched.byRecords = false;
    entry.state = null;
    touched.dirty = entry.bytes !== null;
    if (entry.bytes !== null) {
      const state = this.#stateOf(entry);
      application.postpone(state, this.#tick.ms + QUARANTINE_MS);
      this.#noteDue(entry.key, state);
    }
  }

  #score(key: string, state: State, at: number, cause: ScoreContext["cause"]): boolean {
    const { application } = this.#world;
    const emitted: Emitted[] = [];
    const changed = application.score(state, at, {
      cause,
      turn: this.#plan.turn,
      tick: at,
      model: application.model,
      emit: (record) => emitted.push(record),
    });
    const due = application.due(state);
    assert(
      due === null || (due > at && Number.isSafeInteger(due)),
      "a due time is a whole millisecond after the instant it was set at (R6)",
    );
    for (const record of emitted) this.#emissions.push({ key, emitted: record });
    this.#noteDue(key, state);
    return changed;
  }

  #noteDue(key: string, state: State): void {
    const due = this.#world.application.due(state);
    if (due !== null) this.#world.timers.add({ due, key });
  }

  /** The state as it was before the step that threw: committed bytes and this turn's earlier steps. */
  #rebuild(entry: Entry<State>): State {
    const { application } = this.#world;
    entry.state = null;
    const state = this.#stateOf(entry);
    for (const step of this.#steps) {
      if (step.key !== entry.key) continue;
      if (step.kind === "timer") {
        application.score(state, step.due, {
          cause: "timer",
          turn: this.#plan.turn,
          tick: step.due,
          model: application.model,
          emit: () => undefined,
        });
      } else if (step.kind === "postponed") {
        application.postpone(state, step.due);
      } else if (step.record.content.kind === "event") {
        application.apply(state, step.record.content.event, {
          input: step.record.input,
          referenceAt: step.referenceAt,
        });
      }
    }
    return state;
  }

  #touch(key: string): Touched<State> {
    const found = this.#touched.get(key);
    if (found !== undefined) return found;
    const touched: Touched<State> = {
      entry: this.#world.load(key),
      byRecords: false,
      dirty: false,
      quarantined: false,
    };
    this.#touched.set(key, touched);
    return touched;
  }

  /** In the order of first change, which what was loaded beside it has no part in (R1). */
  #markChanged(touched: Touched<State>): void {
    if (touched.dirty) return;
    touched.dirty = true;
    this.#changed.push(touched);
  }

  #stateOf(entry: Entry<State>): State {
    const { application } = this.#world;
    entry.state ??= entry.bytes === null ? application.create(entry.key) : application.decodeState(entry.bytes);
    return entry.state;
  }

  #letter(record: Buffered<Event>, refusal: Refusal): Emitted {
    const letter: DeadLetter = {
      topic: inputTopics(this.#world.application)[record.input] ?? "",
      partition: this.#plan.partition,
      offset: record.record.offset,
      appendedAt: record.record.appendedAt,
      key: record.record.key,
      value: record.record.value,
      code: refusal.code,
      reason: refusal.reason,
    };
    return this.#world.application.deadLetter(letter);
  }

  result(): TurnResult<State> {
    return {
      tick: this.#tick,
      taken: this.#taken,
      changed: this.#encoded,
      emitted: [...this.#emissions.map((emission) => emission.emitted), ...this.#deadLetters],
      outcomes: this.#outcomes,
      timersFired: this.#timersFired,
      timersChanged: this.#timersChanged,
      quarantined: this.#quarantined,
    };
  }
}

function later(a: Tick, b: Tick): Tick {
  return compareTicks(a, b) >= 0 ? a : b;
}

function earlier(a: Tick, b: Tick): Tick {
  return compareTicks(a, b) <= 0 ? a : b;
}
