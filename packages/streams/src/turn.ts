import type { DeadLetter, Emitted, Outcome, Refusal, ScoreContext } from "./application.ts";
import { assert } from "./errors.ts";
import { type DecodedRecord, inputTopics } from "./input-record.ts";
import { Slicer } from "./slicer.ts";
import { compareTicks, earlier, later, type Tick } from "./tick.ts";
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
): Promise<TurnResult> {
  const turn = new Turn(plan, world);
  await turn.loadStates();
  await turn.takeRecordsAndTimers();
  await turn.scoreChanged();
  await turn.encodeChanged();
  return turn.result();
}

/**
 * What happened to states in this turn, for rebuilding one that threw: the index of a record that was applied or left
 * the state as it was, or what a timer did.
 */
type Step = number | TimerStep;

interface TimerStep {
  readonly kind: "fired" | "postponed";
  readonly key: string;
  /** What it was due at, or has been moved to. */
  readonly due: number;
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
  /** Whose state each record of the plan concerns; none where the record is no event. */
  readonly #touchedBy: (Touched<State> | undefined)[] = [];
  readonly #encoded: ChangedState[] = [];
  readonly #steps: Step[] = [];
  #emitted: Emitted[] = [];
  /** Whose scoring emitted each of them. */
  #emittedFor: Touched<State>[] = [];
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
    for (const { key, content } of this.#plan.records) {
      const touched = content.kind === "event" ? this.#touch(key) : undefined;
      if (touched !== undefined) this.#stateOf(touched);
      this.#touchedBy.push(touched);
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
        this.#take(record);
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
    const state = this.#stateOf(touched);
    if (this.#world.application.due(state) !== timer.due) return; // Scored again since it was set.
    this.#timersFired++;
    try {
      if (this.#score(touched, state, timer.due, "timer")) this.#timersChanged++;
      this.#steps.push({ kind: "fired", key: timer.key, due: timer.due });
    } catch {
      this.#quarantined++;
      const rebuilt = this.#rebuild(touched);
      const due = timer.due + QUARANTINE_MS;
      this.#world.application.postpone(rebuilt, due);
      this.#steps.push({ kind: "postponed", key: timer.key, due });
      this.#noteDue(timer.key, rebuilt);
    }
    this.#markChanged(touched);
  }

  /** The plan's next record. */
  #take(record: DecodedRecord<Event>): void {
    const index = this.#taken++;
    const { content } = record;
    if (content.kind === "tick") {
      this.#outcomes.push("ticks");
    } else if (content.kind === "refused") {
      this.#refuse(record, content);
    } else {
      this.#apply(index, record, content.event);
    }
  }

  #apply(index: number, record: DecodedRecord<Event>, event: Event): void {
    const { application } = this.#world;
    const touched = this.#touchedBy[index];
    assert(touched !== undefined, "the states of a turn's events are loaded before it takes them");
    let outcome: Outcome;
    try {
      const state = this.#stateOf(touched);
      outcome = application.apply(state, event, { input: record.input, referenceAt: this.#referenceAt(record) });
    } catch {
      this.#quarantined++;
      this.#rebuild(touched);
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
    this.#steps.push(index);
    this.#outcomes.push(outcome);
  }

  /** What times in the future are measured by: R2 in wall time, R4 in event time. */
  #referenceAt({ record }: DecodedRecord<Event>): number | null {
    if (this.#plan.mode === "wall") return record.appendedAt;
    const { ms } = this.#plan.tickBefore;
    return ms === 0 ? null : ms;
  }

  #refuse(record: DecodedRecord<Event>, refusal: Refusal): void {
    this.#outcomes.push("deadLetter");
    this.#deadLetters.push(this.#letter(record, refusal));
  }

  async scoreChanged(): Promise<void> {
    for (const touched of this.#changed) {
      if (!touched.byRecords) continue;
      try {
        this.#score(touched, this.#stateOf(touched), this.#tick.ms, "records");
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
      const bytes = this.#world.application.encodeState(this.#stateOf(touched));
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
    this.#emitted = this.#emitted.filter((_, index) => this.#emittedFor[index] !== touched);
    this.#emittedFor = this.#emittedFor.filter((other) => other !== touched);
    for (const step of this.#steps) {
      if (typeof step === "object" || this.#touchedBy[step] !== touched) continue;
      this.#outcomes[step] = "deadLetter";
      this.#deadLetters.push(
        this.#letter(this.#recordAt(step), {
          kind: "refused",
          code: "QUARANTINED",
          reason: "the event broke an invariant of its customer: it could not be scored, or not be stored",
        }),
      );
    }
    touched.byRecords = false;
    touched.state = null;
    touched.dirty = entry.bytes !== null;
    if (entry.bytes !== null) {
      const state = this.#stateOf(touched);
      application.postpone(state, this.#tick.ms + QUARANTINE_MS);
      this.#noteDue(entry.key, state);
    }
  }

  #score(touched: Touched<State>, state: State, at: number, cause: ScoreContext["cause"]): boolean {
    const { application } = this.#world;
    const emittedBefore = this.#emitted.length;
    try {
      const changed = application.score(state, at, this.#scoreContext(at, cause, this.#emit));
      const due = application.due(state);
      assert(
        due === null || (due > at && Number.isSafeInteger(due)),
        "a due time is a whole millisecond after the instant it was set at (R6)",
      );
      while (this.#emittedFor.length < this.#emitted.length) this.#emittedFor.push(touched);
      this.#noteDue(touched.entry.key, state);
      return changed;
    } catch (error) {
      this.#emitted.length = emittedBefore;
      throw error;
    }
  }

  readonly #emit = (emitted: Emitted): void => {
    this.#emitted.push(emitted);
  };

  #scoreContext(at: number, cause: ScoreContext["cause"], emit: ScoreContext["emit"]): ScoreContext {
    return { cause, turn: this.#plan.turn, tick: at, model: this.#world.application.model, emit };
  }

  #noteDue(key: string, state: State): void {
    const due = this.#world.application.due(state);
    if (due !== null) this.#world.timers.add({ due, key });
  }

  /** The state as it was before the step that threw: committed bytes and this turn's earlier steps. */
  #rebuild(touched: Touched<State>): State {
    const { application } = this.#world;
    const { key } = touched.entry;
    touched.state = null;
    const state = this.#stateOf(touched);
    for (const step of this.#steps) {
      if (typeof step === "number") {
        const record = this.#recordAt(step);
        if (this.#touchedBy[step] !== touched || record.content.kind !== "event") continue;
        const context = { input: record.input, referenceAt: this.#referenceAt(record) };
        application.apply(state, record.content.event, context);
      } else if (step.key === key) {
        if (step.kind === "postponed") application.postpone(state, step.due);
        else application.score(state, step.due, this.#scoreContext(step.due, "timer", ignore));
      }
    }
    return state;
  }

  #recordAt(index: number): DecodedRecord<Event> {
    const record = this.#plan.records[index];
    assert(record !== undefined, "a turn knows the records of its plan");
    return record;
  }

  #touch(key: string): Touched<State> {
    const found = this.#touched.get(key);
    if (found !== undefined) return found;
    const touched: Touched<State> = {
      entry: this.#world.load(key),
      state: null,
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

  #stateOf(touched: Touched<State>): State {
    if (touched.state !== null) return touched.state;
    const { application } = this.#world;
    const { key, bytes } = touched.entry;
    touched.state = bytes === null ? application.create(key) : application.decodeState(bytes);
    return touched.state;
  }

  #letter(record: DecodedRecord<Event>, refusal: Refusal): Emitted {
    const letter: DeadLetter = {
      topic: inputTopics(this.#world.application)[record.input]?.topic ?? "",
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

  result(): TurnResult {
    return {
      tick: this.#tick,
      taken: this.#taken,
      changed: this.#encoded,
      emitted: [...this.#emitted, ...this.#deadLetters],
      outcomes: this.#outcomes,
      timersFired: this.#timersFired,
      timersChanged: this.#timersChanged,
      quarantined: this.#quarantined,
    };
  }
}

function ignore(): void {}
