import type { ApplyContext, Emitted, Outcome, Refusal, ScoreContext } from "./application.ts";
import { assert } from "./errors.ts";
import { type KeyGroup, type KeyGroups, NONE } from "./key-groups.ts";
import { type InputRecord, inputRecordAt } from "./merge.ts";
import type { StageClock } from "./stage-clock.ts";
import type { Entry } from "./entry-cache.ts";
import { markerName } from "./marker-name.ts";
import { isDone, type Tick } from "./tick.ts";
import type { TurnOutput } from "./turn-output.ts";
import type { TurnPlan, TurnWorld } from "./turn-plan.ts";

/**
 * What a turn does with one key, in three steps that a cohort of keys takes together (cohort.ts): its records and its timer in the order
 * of time, one score if a record changed it or the sweep has come to it, its encoded state. A state that throws is quarantined, and nothing
 * of it reaches its neighbours (R7). A tombstone that erases the key is never taken back: whatever throws after it, the key is erased (R19).
 * One object serves one key after the other.
 */
export class KeyTurn<State, Event> {
  readonly #plan: TurnPlan;
  readonly #world: TurnWorld<State, Event>;
  readonly #tick: Tick;
  readonly #groups: KeyGroups;
  readonly #output: TurnOutput<State, Event>;
  readonly #stageClock: StageClock;
  readonly #emit: (emitted: Emitted) => void;

  // Of the key at hand.
  #group: KeyGroup = NOBODY;
  #entry: Entry | null = null;
  #state: State | null = null;
  /** When its timer fires next in this turn. */
  #due: number | null = null;
  /** What was done to the state, for rebuilding it when a later step throws. */
  #steps: Step[] = [];
  /** Whether a record changed it: it is then scored once, as of the tick. */
  #applied = false;
  #dirty = false;
  /** Made by the newest tombstone of this turn; null = none erased the key. */
  #marker: Uint8Array | null = null;
  /** What its timer emitted and can be taken back: what an erasure emitted lies before. */
  #timersFrom = 0;
  #timersTo = 0;
  /** What its score emitted. */
  #recordsFrom = 0;
  #recordsTo = 0;
  /** Whether it could not be scored. */
  #failed = false;

  constructor({ plan, world, tick, groups, output, stageClock }: KeyTurnParts<State, Event>) {
    this.#plan = plan;
    this.#world = world;
    this.#tick = tick;
    this.#groups = groups;
    this.#output = output;
    this.#stageClock = stageClock;
    this.#emit = (emitted) => output.byRecords.push(emitted);
  }

  /** Its records and its timer, up to the tick. @throws StateCorrupted */
  take(group: KeyGroup): void {
    this.#group = group;
    this.#due = group.due;
    this.#timersFrom = this.#output.byTimers.length;
    for (let index = group.first; index !== NONE; index = this.#groups.after(index)) {
      const taken = this.#recordAt(index);
      // In mode event time stands still until the TICK, which comes last (R4).
      if (this.#due !== null && this.#plan.mode === "wall") this.#fireUpTo(taken.record.appendedAt - 1);
      this.#take(index, taken);
    }
    this.#fireUpTo(this.#tick.ms);
    this.#timersTo = this.#output.byTimers.length;
    this.#stageClock.lap("applyMs");
  }

  /** One score as of the tick, where there is to be one. */
  score(): void {
    this.#recordsFrom = this.#output.byRecords.length;
    try {
      if (this.#applied) this.#score(this.#loaded(), this.#scoreContext(this.#tick.ms, "records", this.#emit));
      else if (this.#sweeps() && this.#score(this.#loaded(), this.#scoreContext(this.#tick.ms, "model", this.#emit))) {
        this.#output.rescored++;
        this.#dirty = true;
      }
    } catch {
      this.#failed = true;
    }
    this.#recordsTo = this.#output.byRecords.length;
    this.#stageClock.lap("scoreMs");
  }

  /** Its state, encoded; where that or its score failed, all that came of it is taken back. */
  settle(): void {
    if (this.#failed || !this.#encoded()) {
      this.#output.byTimers.withdraw(this.#timersFrom, this.#timersTo);
      this.#output.byRecords.withdraw(this.#recordsFrom, this.#recordsTo);
      this.#quarantine();
    }
    this.#letGo();
    this.#stageClock.lap("encodeMs");
  }

  #take(index: number, taken: InputRecord): void {
    const { application } = this.#world;
    const { input, record } = taken;
    // A record may make it anew each time it is asked for.
    const { value } = record;
    if (value === null) {
      if (application.erasure?.input === input) this.#erase(index, taken);
      else this.#output.refused(index, VALUE_MISSING);
      return;
    }
    this.#stageClock.lap("applyMs");
    const content = application.decode(input, this.#group.key, value);
    this.#stageClock.lap("decodeMs");
    if (content.kind === "refused") {
      this.#output.refused(index, content);
      return;
    }
    const state = this.#loaded();
    let outcome: Outcome;
    try {
      outcome = application.apply(state, content.event, this.#applyContext(taken));
    } catch {
      this.#output.quarantined++;
      this.#rebuild();
      outcome = QUARANTINED_AT_APPLY;
    }
    if (typeof outcome === "object") {
      this.#output.refused(index, outcome);
      return;
    }
    if (outcome === "applied") {
      this.#applied = true;
      this.#dirty = true;
    }
    this.#steps.push(index);
    this.#output.taken(index, outcome);
  }

  /** Only of an input in which that erases the key. What was done to its state before, and what that emitted, stays so. */
  #erase(index: number, taken: InputRecord): void {
    const { erasure } = this.#world.application;
    assert(erasure !== undefined, "only where keys can be erased does a tombstone have an addressee");
    const due = this.#plan.mode === "wall" ? taken.record.appendedAt : this.#plan.tickBefore.ms;
    const timer = { due, key: this.#group.key };
    this.#marker = erasure.erase(this.#loaded(), {
      ...this.#applyContext(taken),
      emit: (emitted) => this.#output.byTimers.push({ timer, emitted }),
    });
    this.#state = null;
    this.#due = null;
    this.#steps = [];
    this.#applied = false;
    this.#dirty = true;
    this.#timersFrom = this.#output.byTimers.length;
    this.#output.taken(index, "applied");
  }

  /**
   * Fires the timer as of its due time, again and again while that is not after `ms`. Where an event of the turn has moved
   * the due time, the timer that was set before fires early, which is harmless (R6).
   */
  #fireUpTo(ms: number): void {
    const { application } = this.#world;
    while (this.#due !== null && this.#due <= ms) {
      const due = this.#due;
      this.#due = null;
      const state = this.#loaded();
      this.#output.timersFired++;
      const timer = { due, key: this.#group.key };
      const before = this.#output.byTimers.length;
      try {
        const emit = (emitted: Emitted): void => this.#output.byTimers.push({ timer, emitted });
        if (this.#score(state, this.#scoreContext(due, "timer", emit))) this.#output.timersChanged++;
        this.#steps.push({ kind: "fired", due });
      } catch {
        this.#output.byTimers.withdraw(before);
        this.#output.quarantined++;
        application.postpone(this.#rebuild(), due + QUARANTINE_MS);
        this.#steps.push({ kind: "postponed", due: due + QUARANTINE_MS });
      }
      this.#dirty = true;
      const next = application.due(this.#loaded());
      if (next !== null && isDone(next, this.#group.key, this.#tick)) this.#due = next;
    }
  }

  /** At once: what is held on to here survives the collector's next round, which costs more than cohorts gain. */
  #letGo(): void {
    this.#group = NOBODY;
    this.#entry = null;
    this.#state = null;
    this.#due = null;
    this.#steps = [];
    this.#applied = false;
    this.#dirty = false;
    this.#failed = false;
    this.#marker = null;
  }

  /** @returns whether that could be done */
  #encoded(): boolean {
    if (!this.#dirty) return true;
    try {
      if (this.#marker === null || this.#applied) this.#encode(this.#loaded());
      else this.#remove();
      this.#writeMarker();
      return true;
    } catch {
      return false;
    }
  }

  /** Who was erased in this turn has nothing to be scored. */
  #sweeps(): boolean {
    return this.#group.swept && this.#marker === null;
  }

  #score(state: State, context: ScoreContext): boolean {
    const { application } = this.#world;
    const changed = application.score(state, context.tick, context);
    // What a sweep leaves as it is may be due at the tick itself, where that has not come to all keys (R5).
    if (context.cause === "model" && !changed) return false;
    const due = application.due(state);
    assert(
      due === null || (due > context.tick && Number.isSafeInteger(due)),
      "a due time is a whole millisecond after the instant it was set at (R6)",
    );
    return changed;
  }

  #encode(state: State): void {
    const { application, timers } = this.#world;
    const entry = this.#entryLoaded();
    const bytes = application.encodeState(state);
    assert(bytes.length <= STATE_BYTES_MAX, "an encoded state stays below its bound (R7)");
    this.#output.changed.push({ entry, bytes });
    const due = application.due(state);
    if (due !== null) timers.add({ due, key: entry.key });
  }

  #remove(): void {
    const entry = this.#entryLoaded();
    if (entry.bytes !== null) this.#output.changed.push({ entry, bytes: null });
  }

  #writeMarker(): void {
    if (this.#marker !== null) this.#output.changed.push({ entry: this.#markerEntry(), bytes: this.#marker });
  }

  /** A state that cannot be scored or encoded goes back to what is committed, its records to the dead letters (R7). */
  #quarantine(): void {
    const { application } = this.#world;
    this.#output.quarantined++;
    for (const step of this.#steps) if (typeof step === "number") this.#output.refused(step, QUARANTINED);
    this.#state = null;
    if (this.#marker !== null) {
      this.#remove();
      this.#writeMarker();
      return;
    }
    if (this.#entryLoaded().bytes === null || this.#sweepAlone()) return;
    const state = this.#loaded();
    application.postpone(state, this.#tick.ms + QUARANTINE_MS);
    // What was committed once and only has its timer postponed can be encoded.
    this.#encode(state);
  }

  /** The sweep does not come again: it scores the committed state, without the records. @returns whether that could be done */
  #sweepAlone(): boolean {
    if (!this.#group.swept || !this.#applied) return false;
    const before = this.#output.byRecords.length;
    try {
      const state = this.#loaded();
      if (!this.#score(state, this.#scoreContext(this.#tick.ms, "model", this.#emit))) return false;
      this.#encode(state);
      this.#output.rescored++;
      return true;
    } catch {
      this.#output.byRecords.withdraw(before);
      this.#state = null;
      return false;
    }
  }

  /** The state as it was before the step that threw: committed bytes, or the marker, and this turn's earlier steps. */
  #rebuild(): State {
    const { application } = this.#world;
    this.#state = null;
    const state = this.#loaded();
    for (const step of this.#steps) {
      if (typeof step === "object") {
        if (step.kind === "postponed") application.postpone(state, step.due);
        else application.score(state, step.due, this.#scoreContext(step.due, "timer", ignore));
        continue;
      }
      const taken = this.#recordAt(step);
      const content = application.decode(taken.input, this.#group.key, taken.record.value ?? NOTHING);
      if (content.kind === "refused") continue;
      application.apply(state, content.event, this.#applyContext(taken));
    }
    return state;
  }

  #applyContext(taken: InputRecord): ApplyContext {
    return {
      input: taken.input,
      appendedAt: taken.record.appendedAt,
      referenceAt: this.#referenceAt(taken),
      model: this.#plan.model,
    };
  }

  #scoreContext(at: number, cause: ScoreContext["cause"], emit: ScoreContext["emit"]): ScoreContext {
    return { cause, turn: this.#plan.turn, tick: at, model: this.#plan.model, emit };
  }

  /** What times in the future are measured by: R2 in wall time, R4 in event time. */
  #referenceAt({ record }: InputRecord): number | null {
    if (this.#plan.mode === "wall") return record.appendedAt;
    const { ms } = this.#plan.tickBefore;
    return ms === 0 ? null : ms;
  }

  #loaded(): State {
    if (this.#state !== null) return this.#state;
    const { application } = this.#world;
    const { key, bytes } = this.#entryLoaded();
    this.#state = bytes === null || this.#marker !== null ? this.#created(key) : application.decodeState(bytes);
    this.#stageClock.lap("stateMs");
    return this.#state;
  }

  #created(key: string): State {
    const { application } = this.#world;
    const { erasure } = application;
    if (erasure === undefined) return application.create(key);
    const marker = this.#marker ?? (this.#plan.hasMarkers ? this.#markerEntry().bytes : null);
    return marker === null ? application.create(key) : erasure.revive(key, marker);
  }

  #markerEntry(): Entry {
    const { erasure } = this.#world.application;
    assert(erasure !== undefined, "only where keys can be erased are there markers");
    return this.#world.load(markerName(erasure.markerKey(this.#group.key)));
  }

  #entryLoaded(): Entry {
    this.#entry ??= this.#world.load(this.#group.key);
    return this.#entry;
  }

  #recordAt(index: number): InputRecord {
    return inputRecordAt(this.#plan, index);
  }
}

export interface KeyTurnParts<State, Event> {
  readonly plan: TurnPlan;
  readonly world: TurnWorld<State, Event>;
  readonly tick: Tick;
  readonly groups: KeyGroups;
  readonly output: TurnOutput<State, Event>;
  readonly stageClock: StageClock;
}

/** The index of a record that was applied or left the state as it was; or what the timer did, and when it is or was due. */
type Step = number | { readonly kind: "fired" | "postponed"; readonly due: number };

/** How far a quarantined state's timer is moved, R7. */
const QUARANTINE_MS = 86_400_000;
/** R7. */
const STATE_BYTES_MAX = 16_384;

const QUARANTINED_AT_APPLY: Refusal = {
  kind: "refused",
  code: "QUARANTINED",
  reason: "applying the event broke an invariant of its customer",
};
const QUARANTINED: Refusal = {
  kind: "refused",
  code: "QUARANTINED",
  reason: "the event broke an invariant of its customer: it could not be scored, or not be stored",
};

const VALUE_MISSING: Refusal = { kind: "refused", code: "VALUE_MISSING", reason: "the record has no value" };

const NOBODY: KeyGroup = { key: "", first: NONE, last: NONE, records: 0, due: null, swept: false };
/** An addressed record has a value. */
const NOTHING = new Uint8Array();

function ignore(): void {}
