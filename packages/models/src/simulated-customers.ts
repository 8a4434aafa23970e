import type { SpendHistory } from "./fit-gamma-gamma.ts";
import type { Cohort } from "./fit-sbg.ts";
import type { GammaGammaParameters } from "./gamma-gamma.ts";
import type { PurchaseHistory } from "./purchase-histories.ts";
import type { PurchaseModelSpec } from "./purchase-model-parameters.ts";
import type { SbgParameters } from "./sbg.ts";

/** Uniform on [0, 1). */
export type Random = () => number;

/** A reproducible source of random numbers: mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Times of the repeat purchases of one new customer up to an age, drawn from a model's story. */
export function simulatedPurchases({ model, parameters }: PurchaseModelSpec, until: number, random: Random): number[] {
  const rate = gammaDraw(parameters.r, random) / parameters.alpha;
  const times: number[] = [];
  if ("s" in parameters) {
    const leavesAt = exponentialDraw(random) / (gammaDraw(parameters.s, random) / parameters.beta);
    let t = exponentialDraw(random) / rate;
    for (; t <= Math.min(until, leavesAt); t += exponentialDraw(random) / rate) times.push(t);
    return times;
  }
  const leaves = gammaDraw(parameters.a, random);
  const p = leaves / (leaves + gammaDraw(parameters.b, random));
  const phases = "k" in parameters ? parameters.k : 1;
  if (model.startsWith("MBG") && random() < p) return times;
  for (let t = 0; ;) {
    for (let phase = 0; phase < phases; phase++) t += exponentialDraw(random) / rate;
    if (t > until) return times;
    times.push(t);
    if (random() < p) return times;
  }
}

/** The sufficient statistics of repeat purchases at these times, ascending, at age T. */
export function historyOf(times: readonly number[], T: number): PurchaseHistory {
  const logGaps = times.reduce((sum, time, i) => sum + Math.log(time - (times[i - 1] ?? 0)), 0);
  return { x: times.length, tx: times.at(-1) ?? 0, T, logGaps };
}

/** Mean spend of x repeat purchases of a customer. */
export function simulatedSpend({ p, q, v }: GammaGammaParameters, x: number, random: Random): SpendHistory {
  const scale = gammaDraw(q, random) / v;
  return { x, m: gammaDraw(p * x, random) / scale / x };
}

/** A cohort of customers over some periods. */
export function simulatedCohort(
  { alpha, beta }: SbgParameters,
  customers: number,
  periods: number,
  random: Random,
): Cohort {
  const lost = Array.from({ length: periods }, () => 0);
  let kept = 0;
  for (let i = 0; i < customers; i++) {
    const leaves = gammaDraw(alpha, random);
    const theta = leaves / (leaves + gammaDraw(beta, random));
    let period = 0;
    while (period < periods && random() >= theta) period++;
    if (period === periods) kept++;
    else lost[period] = (lost[period] ?? 0) + 1;
  }
  return { lost, kept };
}

function exponentialDraw(random: Random): number {
  return -Math.log1p(-random());
}

/** Gamma(shape, 1): Marsaglia & Tsang 2000; below shape 1 by the power of a uniform number. */
function gammaDraw(shape: number, random: Random): number {
  if (shape < 1) return gammaDraw(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = Math.sqrt(2 * exponentialDraw(random)) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}
