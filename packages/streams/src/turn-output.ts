import type { Application, Emitted, Refusal } from "./application.ts";
import { assert } from "./errors.ts";
import { inputTopics } from "./input-record.ts";
import { inputRecordAt } from "./merge.ts";
import type { Tick } from "./tick.ts";
import { EmittedList } from "./emitted-list.ts";
import { compareTimers, type Timer } from "./timer-heap.ts";
import type { ChangedState, RecordOutcome, TurnPlan, TurnResult } from "./turn-plan.ts";

/**
 * Collects what a turn brings forth, and gives it back in the order in which it is committed: what timers and erasures emit in
 * the order of time, then what follows from records, as of the tick, then the dead letters in the order of their records.
 */
export class TurnOutput<State, Event> {
  readonly changed: ChangedState[] = [];
  /** Also what is emitted at an instant though no timer fired. */
  readonly byTimers = new EmittedList<EmittedByTimer>();
  readonly byRecords = new EmittedList<Emitted>();
  timersFired = 0;
  timersChanged = 0;
  rescored = 0;
  quarantined = 0;
  readonly #application: Application<State, Event>;
  readonly #plan: TurnPlan;
  readonly #outcomes: (RecordOutcome | undefined)[];
  readonly #letters = new Map<number, Refusal>();

  constructor(application: Application<State, Event>, plan: TurnPlan, taken: number) {
    this.#application = application;
    this.#plan = plan;
    this.#outcomes = Array.from({ length: taken }, () => undefined);
  }

  taken(index: number, outcome: Exclude<RecordOutcome, "deadLetter">): void {
    this.#outcomes[index] = outcome;
  }

  refused(index: number, refusal: Refusal): void {
    this.#outcomes[index] = "deadLetter";
    this.#letters.set(index, refusal);
  }

  result(tick: Tick): TurnResult {
    const letters = [...this.#letters].sort(([a], [b]) => a - b);
    const byTimers = this.byTimers.kept().sort((a, b) => compareTimers(a.timer, b.timer));
    const { changed, timersFired, timersChanged, rescored, quarantined } = this;
    return {
      tick,
      taken: this.#outcomes.length,
      changed,
      emitted: [
        ...byTimers.map(({ emitted }) => emitted),
        ...this.byRecords.kept(),
        ...letters.map((letter) => this.#letter(...letter)),
      ],
      outcomes: this.#outcomes.map((outcome) => {
        assert(outcome !== undefined, "each record that a turn takes has one outcome (I2)");
        return outcome;
      }),
      timersFired,
      timersChanged,
      rescored,
      quarantined,
    };
  }

  #letter(index: number, { code, reason }: Refusal): Emitted {
    const { input, record } = inputRecordAt(this.#plan, index);
    const { offset, appendedAt, key, value } = record;
    const topic = inputTopics(this.#application)[input]?.topic ?? "";
    return this.#application.deadLetter({
      topic,
      partition: this.#plan.where.partition,
      offset,
      appendedAt,
      key,
      value,
      code,
      reason,
    });
  }
}

interface EmittedByTimer {
  readonly timer: Timer;
  readonly emitted: Emitted;
}
