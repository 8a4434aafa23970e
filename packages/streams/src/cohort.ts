import type { KeyGroup } from "./key-groups.ts";
import { KeyTurn, type KeyTurnParts } from "./key-turn.ts";

/**
 * Works keys off a few at a time, step by step: all of a cohort take their records, then all are scored, then all are encoded. Keys know
 * nothing of each other, so what comes out is what one key after the other would give; but a step's code stays in the processor's
 * caches while it is done for all, where the code of all steps, done for each key anew, has no room (docs/performance.md has what it gains).
 */
export class Cohort<State, Event> {
  readonly #parts: KeyTurnParts<State, Event>;
  readonly #keyTurns: KeyTurn<State, Event>[] = [];

  constructor(parts: KeyTurnParts<State, Event>) {
    this.#parts = parts;
  }

  /** @param groups at most {@link COHORT_KEYS}; @throws StateCorrupted */
  run(groups: readonly KeyGroup[]): void {
    this.#parts.stageClock.begin();
    const keyTurns = groups.map((group, index) => {
      const keyTurn = (this.#keyTurns[index] ??= new KeyTurn(this.#parts));
      keyTurn.take(group);
      return keyTurn;
    });
    for (const keyTurn of keyTurns) keyTurn.score();
    for (const keyTurn of keyTurns) keyTurn.settle();
  }
}

/** So few that their decoded states stay in the caches too, and that they are done within a slice. */
export const COHORT_KEYS = 32;
/** Of few keys with many records each fewer are taken together: what is decoded meanwhile would make the collector carry their states along. */
export const COHORT_RECORDS = 64;
