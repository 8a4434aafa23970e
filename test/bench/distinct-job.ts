import {
  fitPurchaseModel,
  historyOf,
  type PurchaseModelSpec,
  seededRandom,
  simulatedPurchases,
} from "@tidemark/models";
import { timed, type Timings, timingsOf } from "./timing.ts";

export interface DistinctInput {
  readonly spec: PurchaseModelSpec;
  readonly customers: number;
  readonly runs: number;
}

export interface DistinctResult extends Timings {
  /** Of all (x, tx, T); a few ages may be drawn twice. */
  readonly distinct: number;
}

const SEED = 1;
/** Weeks: all ages between them are as likely. */
const [AGE_MIN, AGE_MAX] = [27, 39];

/** Fits a model to customers drawn from it, whose ages are not rounded to days. */
export function distinctJob({ spec, customers, runs }: DistinctInput): Promise<DistinctResult> {
  const random = seededRandom(SEED);
  const histories = Array.from({ length: customers }, () => {
    const T = AGE_MIN + (AGE_MAX - AGE_MIN) * random();
    return historyOf(simulatedPurchases(spec, T, random), T);
  });
  const timings = timingsOf(Array.from({ length: runs }, () => timed(() => fitPurchaseModel(spec.model, histories))));
  const distinct = new Set(histories.map(({ T, tx }) => T + 1_000 * tx)).size;
  return Promise.resolve({ ...timings, distinct });
}
