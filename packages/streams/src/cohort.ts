import type { KeyGroup } from "./key-groups.ts";
import { KeyTurn, type KeyTurnParts } from "./key-turn.ts";

/**
 * Works keys off a few at a time, step by step: all of a cohort take their records, then all are scored, then all are encoded. Keys know
 * nothing of each other, so what comes out is what one key after the other would give; but a step's code stays in the processor's
 * caches while it is done for all, where the code of all steps, done for each key anew, has no room. Measured, of a million customers with hardly an
 * event each: 10 to 19 % of all CPU. So few keys that their decoded states stay in the caches too, and are done within a slice.
 */
export class Cohort<State, Event> {
  readonly #parts: KeyTurnParts<State, Event>;
  readonly #keyTurns: KeyTurn<State, Event>[] = [];

  constructor(parts: KeyTurnParts<State, Event>) {
    this.#parts = parts;
  }

  /** @param groups at most {@link COHORT_KEYS}; @throws StateCorrupted */
  run(groups: readonly KeyGroup[]): void {
    while (this.#keyTurns.length < groups.length) this.#keyTurns.push(new KeyTurn(this.#parts));
    this.#parts.stageClock.begin();
    const { length } = groups;
    for (let index = 0; index < length; index++) this.#keyTurns[index]?.take(groups[index] as KeyGroup);
    for (let index = 0; index < length; index++) this.#keyTurns[index]?.score();
    for (let index = 0; index < length; index++) this.#keyTurns[index]?.settle();
  }
}

export const COHORT_KEYS = 32;
