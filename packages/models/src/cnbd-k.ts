import { expectedBeforeDropout, negativeBinomialMass, negativeBinomialSurvival } from "./negative-binomial.ts";
import { logBeta, logGamma } from "./special-functions.ts";

/**
 * The BG/CNBD-k and MBG/CNBD-k models: times between purchases are Erlang-k with rate λ ~ Gamma(r, α) a phase (every k-th event of a
 * Poisson process is a purchase), and a customer leaves with probability p ~ Beta(a, b) after each repeat purchase; in the MBG kind also
 * at the start. k = 1 is (M)BG/NBD. Platzer & Reutterer 2016; Reutterer, Platzer & Schröder 2021.
 *
 * x repeat purchase days, tx recency (0 ≤ tx ≤ T, 0 where x = 0), T age, all times in the unit of the parameters. Out of domain: NaN.
 */
export interface CnbdParameters {
  /** Regularity: a whole number from 1 to {@link REGULARITY_MAX}. */
  readonly k: number;
  readonly r: number;
  /** Of the rate of phases: a purchase takes k of them. */
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** Chances to leave before the first repeat purchase: none in BG, one in MBG. */
export type ChancesAtStart = 0 | 1;

/** Parameters of one of the two kinds. */
export interface CnbdKind extends CnbdParameters {
  readonly chances: ChancesAtStart;
}

export const REGULARITY_MAX = 12;

/**
 * ln L of one customer.
 * @param logGaps Σ ln of the x times between his purchases, in the parameters' unit; it matters where k > 1
 */
export function cnbdLogLikelihood(model: CnbdKind, x: number, tx: number, T: number, logGaps: number): number {
  if (!inDomain(model, x, tx, T)) return NaN;
  const { k, r, alpha, a, b } = model;
  const s = r + k * x;
  const left = logLeft(model, x, tx, T);
  const alive = Math.log(phasesSum(model, s, tx, T));
  const more = Math.max(left, alive);
  return (
    (k === 1 ? 0 : (k - 1) * logGaps - x * logGamma(k)) +
    logGamma(s) -
    logGamma(r) +
    r * Math.log(alpha) -
    s * Math.log(alpha + T) +
    logBeta(a, staying(model, x)) -
    logBeta(a, b) +
    more +
    Math.log1p(Math.exp(Math.min(left, alive) - more))
  );
}

/** P(alive) at T. */
export function cnbdAlive(model: CnbdKind, x: number, tx: number, T: number): number {
  if (!inDomain(model, x, tx, T)) return NaN;
  return 1 / (1 + Math.exp(logLeft(model, x, tx, T)) / phasesSum(model, model.r + model.k * x, tx, T));
}

/**
 * P(no purchase in (T, T + h]) = L(x, tx, T + h)/L(x, tx, T). Where k > 1 it is not monotone in T: high after a purchase, low when
 * the next one is due, high later.
 */
export function cnbdSilence(model: CnbdKind, x: number, tx: number, T: number, h: number): number {
  if (!inDomain(model, x, tx, T) || !(h >= 0 && h < Infinity)) return NaN;
  const s = model.r + model.k * x;
  const left = Math.exp(logLeft(model, x, tx, T));
  if (left === Infinity) return 1;
  const still = Math.exp(-s * Math.log1p(h / (model.alpha + T)));
  return Math.min(1, (left + still * phasesSum(model, s, tx, T + h)) / (left + phasesSum(model, s, tx, T)));
}

/** E[Y(t) | alive at T]: purchases expected in (T, T + t] of a customer who is alive, by a sum over the phases to come. */
export function cnbdExpectedAlive(model: CnbdKind, x: number, tx: number, T: number, t: number): number {
  if (!inDomain(model, x, tx, T) || !(t >= 0 && t < Infinity)) return NaN;
  const { k, a, alpha } = model;
  const s = model.r + k * x;
  const stays = staying(model, x);
  const stay = (l: number): number => (stays + l - 1) / (a + stays + l - 1);
  return overPhases(model, s, tx, T, (j) => expectedBeforeDropout(s + j, t / (alpha + T), k, j, stay));
}

/** P(Y(t) = n): probability of exactly n purchases in (T, T + t]. */
export function cnbdMass(model: CnbdKind, x: number, tx: number, T: number, t: number, n: number): number {
  if (!inDomain(model, x, tx, T) || !(t >= 0 && t < Infinity) || !(Number.isInteger(n) && n >= 0)) return NaN;
  if (n === 0) return cnbdSilence(model, x, tx, T, t);
  const { k, a, alpha } = model;
  const s = model.r + k * x;
  const w = t / (alpha + T);
  const stays = staying(model, x);
  const base = logBeta(a, stays);
  const staysAll = Math.exp(logBeta(a, stays + n) - base);
  const leavesAfterLast = Math.exp(logBeta(a + 1, stays + n - 1) - base);
  return (
    cnbdAlive(model, x, tx, T) *
    overPhases(model, s, tx, T, (j) => {
      let exactly = 0;
      for (let phases = n * k - j; phases < (n + 1) * k - j; phases++) {
        exactly += negativeBinomialMass(s + j, w, phases);
      }
      return staysAll * exactly + leavesAfterLast * negativeBinomialSurvival(s + j, w, n * k - j);
    })
  );
}

/** Second parameter of the Beta distribution of p, given that the customer is alive. */
function staying({ b, chances }: CnbdKind, x: number): number {
  return b + x + chances;
}

/** ln of the weight of having left, against the weight of being alive with no phase past since tx. −Infinity: impossible. */
function logLeft(model: CnbdKind, x: number, tx: number, T: number): number {
  const { k, r, alpha, a, chances } = model;
  if (chances === 0 && x === 0) return -Infinity;
  return Math.log(a / (staying(model, x) - 1)) + (r + k * x) * Math.log1p((T - tx) / (alpha + tx));
}

/** Σ_{j<k} (s)_j/j! c^j, c = (T − tx)/(α + T): weights of j phases past since tx, for a customer who is alive. */
function phasesSum({ k, alpha }: CnbdKind, s: number, tx: number, T: number): number {
  const c = (T - tx) / (alpha + T);
  let weight = 1;
  let sum = 1;
  for (let j = 1; j < k; j++) {
    weight *= ((s + j - 1) / j) * c;
    sum += weight;
  }
  return sum;
}

/** The mean of a function of j under these weights. */
function overPhases({ k, alpha }: CnbdKind, s: number, tx: number, T: number, f: (j: number) => number): number {
  const c = (T - tx) / (alpha + T);
  let weight = 1;
  let weights = 1;
  let sum = f(0);
  for (let j = 1; j < k; j++) {
    weight *= ((s + j - 1) / j) * c;
    if (weight === 0) break;
    weights += weight;
    sum += weight * f(j);
  }
  return sum / weights;
}

function inDomain({ k, r, alpha, a, b }: CnbdKind, x: number, tx: number, T: number): boolean {
  return (
    Number.isInteger(k) &&
    k >= 1 &&
    k <= REGULARITY_MAX &&
    r > 0 &&
    alpha > 0 &&
    a > 0 &&
    b > 0 &&
    x >= 0 &&
    tx >= 0 &&
    tx <= T &&
    T < Infinity &&
    (x > 0 || tx === 0)
  );
}
