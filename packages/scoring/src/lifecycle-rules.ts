import { DAY_MS } from "./day-calendar.ts";

/** How customers go through the stages of the relationship, as data. */
export interface LifecycleRules {
  /** After the first purchase a customer is new for so long, or until a repeat purchase. */
  readonly newDays: number;
  /** Who was lost and buys again counts as returned for so long. */
  readonly returnedDays: number;
  /** Loyal: at least so many repeat purchase days, and a churn below this. */
  readonly loyal: { readonly repeats: number; readonly below: number };
  /** Slipping, lost: a churn from this on, and silent for at least so long since the last purchase day ended. */
  readonly slipping: StageRule;
  readonly lost: StageRule;
  /** Who is in a worse stage gets out of it when churn lies below the boundary by more than this, 0 to 1. */
  readonly band: number;
  /** A stage is kept for at least so long before a worse one follows. */
  readonly dwellDays: number;
}

export interface StageRule {
  readonly from: number;
  readonly silentDays: number;
}

/**
 * Where an artefact has none. Churn alone does not tell a slow buyer from one who left: in the shop of the default parameters a repeat
 * buyer's churn is often .7 on the day of a purchase. Hence the days of silence, a quarter of a usual year's season and half a year; no
 * published source.
 */
const LIFECYCLE_RULES: LifecycleRules = {
  newDays: 60,
  returnedDays: 90,
  loyal: { repeats: 4, below: 0.5 },
  slipping: { from: 0.7, silentDays: 30 },
  lost: { from: 0.9, silentDays: 180 },
  band: 0.05,
  dwellDays: 7,
};

/** The rules made ready. Levels from best to worst: 0 loyal, 1 active, 2 slipping, 3 lost. */
export interface LifecycleTerms {
  readonly newMs: number;
  readonly returnedMs: number;
  readonly loyalRepeats: number;
  /** By level: the churn from which it holds, and the silence that it takes; level 0 has neither. */
  readonly churnFrom: readonly [number, number, number, number];
  readonly silentMs: readonly [number, number, number, number];
  readonly band: number;
  readonly dwellMs: number;
}

export function lifecycleTerms(rules: LifecycleRules = LIFECYCLE_RULES): LifecycleTerms {
  const { loyal, slipping, lost } = rules;
  return {
    newMs: rules.newDays * DAY_MS,
    returnedMs: rules.returnedDays * DAY_MS,
    loyalRepeats: loyal.repeats,
    churnFrom: [-Infinity, loyal.below, slipping.from, lost.from],
    silentMs: [0, 0, slipping.silentDays * DAY_MS, lost.silentDays * DAY_MS],
    band: rules.band,
    dwellMs: rules.dwellDays * DAY_MS,
  };
}
