import type { Clock } from "./clock.ts";
import { noStageTimes, type StageTimes } from "./stages.ts";

/**
 * Says which stage took how much of a turn in which the stages of a cohort of keys follow one another. A look at the clock
 * costs as much as a small stage, so it looks only at every n-th cohort and shares the turn's time out by those.
 */
export class StageClock {
  readonly #clock: Clock;
  readonly #sampled = noStageTimes();
  #cohorts = 0;
  #looking = false;
  #lookedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A cohort begins. */
  begin(): void {
    this.#looking = this.#cohorts++ % COHORTS_PER_LOOK === 0;
    if (this.#looking) this.#lookedAt = this.#clock.monotonic();
  }

  /** A stage of one of its keys has ended. */
  lap(stage: WorkStage): void {
    if (!this.#looking) return;
    const now = this.#clock.monotonic();
    this.#sampled[stage] += now - this.#lookedAt;
    this.#lookedAt = now;
  }

  /** Adds the time worked to the stages. */
  share(stages: StageTimes, workedMs: number): void {
    const sum = WORK_STAGES.reduce((ms, stage) => ms + this.#sampled[stage], 0);
    if (sum > 0) for (const stage of WORK_STAGES) stages[stage] += (workedMs * this.#sampled[stage]) / sum;
  }
}

const COHORTS_PER_LOOK = 16;

const WORK_STAGES = ["decodeMs", "stateMs", "applyMs", "scoreMs", "encodeMs"] as const satisfies (keyof StageTimes)[];
export type WorkStage = (typeof WORK_STAGES)[number];
