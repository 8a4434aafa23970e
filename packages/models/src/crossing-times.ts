import type { PurchaseModel } from "./purchase-model.ts";
import { rootBetween, rootsOver } from "./root.ts";

/**
 * The age T at which P(alive) of a customer who buys no more has fallen to a level. P(alive) never rises while nothing happens.
 * For BG/NBD and MBG/NBD it is (α+tx)·[(1/p − 1)(b+x−1)/a]^(1/(r+x)) − α, with b + x for MBG.
 * @param level 0 < level < 1
 * @returns T ≥ tx; tx where it is no higher from the start; Infinity where it is not reached by a T of 1e15; NaN out of domain
 */
export function aliveCrossing(model: PurchaseModel, x: number, tx: number, level: number): number {
  if (!(level > 0 && level < 1)) return NaN;
  const above = (silent: number): number => model.alive(x, tx, tx + silent) - level;
  const start = above(0);
  if (Number.isNaN(start)) return NaN;
  if (start <= 0) return tx;
  let from = 0;
  for (let to = 2 ** -20; to < SILENT_MAX; to *= 4) {
    if (above(to) <= 0) return tx + rootBetween(above, from, to);
    from = to;
  }
  return Infinity;
}

const SILENT_MAX = 1e15;

export interface SilenceBand {
  /** h of the silence, in the model's unit. */
  readonly horizon: number;
  /** 0 < level < 1. */
  readonly level: number;
  /** Ages T that are looked at; `from` ≥ tx. */
  readonly from: number;
  readonly until: number;
}

/**
 * All ages T in [from, until] at which the silence risk of a customer who buys no more passes a level, ascending. At most one where
 * buying is a Poisson process; a regular buyer's silence (k > 1) is high after a purchase, low when the next one is due and high later.
 * @returns none where the band or the history is out of domain
 */
export function silenceCrossings(model: PurchaseModel, x: number, tx: number, band: SilenceBand): readonly number[] {
  const { horizon, level, from, until } = band;
  if (!(from >= tx && until >= from && level > 0 && level < 1)) return [];
  const above = (T: number): number => model.silence(x, tx, T, horizon) - level;
  if (model.regularity > 1) return rootsOver(above, points(from, until));
  const start = above(from);
  if (start === 0) return [from];
  return start < 0 && above(until) >= 0 ? [rootBetween(above, from, until)] : [];
}

const EVEN_POINTS = 96;
const NEAR_POINTS = 48;

/** Even over the range, and closer and closer towards its start, where a regular buyer's silence turns. */
function points(from: number, until: number): readonly number[] {
  const even = Array.from({ length: EVEN_POINTS + 1 }, (_, i) => i / EVEN_POINTS);
  const near = Array.from({ length: NEAR_POINTS }, (_, i) => 1.3 ** -(i + 1));
  return [...new Set([...even, ...near])].sort((a, b) => a - b).map((share) => from + share * (until - from));
}
