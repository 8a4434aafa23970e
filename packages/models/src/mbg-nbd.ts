import { purchasesBeforeDropout } from "./beta-geometric.ts";
import { softplus } from "./logistic.ts";
import { logBeta, logGamma } from "./special-functions.ts";

/**
 * The modified BG/NBD model: a customer buys at rate λ ~ Gamma(r, α) and leaves with probability p ~ Beta(a, b)
 * at the start and after each purchase. Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007.
 *
 * In all functions: x repeat purchase days, tx recency (time from the first to the last purchase, 0 ≤ tx ≤ T, 0 where
 * x = 0), T age (time since the first purchase), all times in the unit the parameters were fitted in. Out of domain: NaN.
 */
export interface MbgNbdParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** ln L(x, tx, T), the log-likelihood of one customer. */
export function mbgLogLikelihood(parameters: MbgNbdParameters, x: number, tx: number, T: number): number {
  if (!inDomain(parameters, x, tx, T)) return NaN;
  const { r, alpha, a, b } = parameters;
  return (
    logGamma(r + x) -
    logGamma(r) +
    logGamma(a + b) -
    logGamma(b) +
    logGamma(b + x + 1) -
    logGamma(a + b + x + 1) +
    r * Math.log(alpha) -
    (r + x) * Math.log(alpha + T) +
    softplus(logOddsLeft(parameters, x, tx, T))
  );
}

/** P(alive), the probability of not having left by T. */
export function mbgAlive(parameters: MbgNbdParameters, x: number, tx: number, T: number): number {
  if (!inDomain(parameters, x, tx, T)) return NaN;
  return 1 / (1 + Math.exp(logOddsLeft(parameters, x, tx, T)));
}

/** Silence risk: P(no purchase in (T, T + h]) = L(x, tx, T + h)/L(x, tx, T). It never falls as T grows. */
export function mbgSilence(parameters: MbgNbdParameters, x: number, tx: number, T: number, h: number): number {
  return mbgStanding(parameters, x, tx, T, h).silence;
}

export interface MbgStanding {
  readonly alive: number;
  readonly silence: number;
}

/** {@link mbgAlive} and {@link mbgSilence} together, for little more than one of them costs. */
export function mbgStanding(parameters: MbgNbdParameters, x: number, tx: number, T: number, h: number): MbgStanding {
  if (!inDomain(parameters, x, tx, T) || !(h >= 0)) return { alive: NaN, silence: NaN };
  const left = Math.exp(logOddsLeft(parameters, x, tx, T));
  if (left === Infinity) return { alive: 0, silence: 1 };
  const silentThough = Math.exp(-(parameters.r + x) * Math.log1p(h / (parameters.alpha + T)));
  // Left, or alive and silent: a sum of positive terms, where 1 − P(alive)·(1 − …) would cancel.
  return { alive: 1 / (1 + left), silence: (left + silentThough) / (1 + left) };
}

/** E[Y(t)]: purchases expected in (T, T + t]. */
export function mbgExpectedPurchases(
  parameters: MbgNbdParameters,
  x: number,
  tx: number,
  T: number,
  t: number,
): number {
  return mbgAlive(parameters, x, tx, T) * mbgExpectedPurchasesAlive(parameters, x, T, t);
}

/** E[X(t)]: repeat purchases expected of a new customer in (0, t]. */
export function mbgExpectedPurchasesNew(parameters: MbgNbdParameters, t: number): number {
  return mbgExpectedPurchases(parameters, 0, 0, 0, t);
}

/**
 * E[Y(t) | alive at T] = E[(1 − (1 + pw)^−(r+x))/p] over p ~ Beta(a, b + x + 1), with w = t/(α + T).
 * It does not depend on tx, which only tells whether the customer is alive.
 */
export function mbgExpectedPurchasesAlive(parameters: MbgNbdParameters, x: number, T: number, t: number): number {
  if (!inDomain(parameters, x, 0, T) || !(t >= 0 && t < Infinity)) return NaN;
  const { r, alpha, a, b } = parameters;
  return purchasesBeforeDropout(r, a, b, x, t / (alpha + T));
}

/** P(X(t) = n): probability that a new customer makes exactly n repeat purchases in (0, t]. */
export function mbgMass(parameters: MbgNbdParameters, n: number, t: number): number {
  if (!inDomain(parameters, n, 0, t) || !Number.isInteger(n)) return NaN;
  const { r, alpha, a, b } = parameters;
  const logBuy = Math.log(t) - Math.log(alpha + t);
  const logNone = -r * Math.log1p(t / alpha);
  // Negative binomial masses of 0 … n purchases of a customer who never leaves.
  let mass = Math.exp(logNone);
  let fewer = 0;
  for (let j = 0; j < n; j++) {
    fewer += mass;
    mass = Math.exp(logNone + logGamma(r + j + 1) - logGamma(r) - logGamma(j + 2) + (j + 1) * logBuy);
  }
  const logStays = logBeta(a, b + n + 1) - logBeta(a, b);
  const logLeavesAfter = logBeta(a + 1, b + n) - logBeta(a, b);
  return Math.exp(logStays) * mass + Math.exp(logLeavesAfter) * Math.max(0, 1 - fewer);
}

/** ln of the odds of having left: a/(b+x) · ((α+T)/(α+tx))^(r+x). */
function logOddsLeft({ r, alpha, a, b }: MbgNbdParameters, x: number, tx: number, T: number): number {
  return Math.log(a / (b + x)) + (r + x) * Math.log1p((T - tx) / (alpha + tx));
}

function inDomain({ r, alpha, a, b }: MbgNbdParameters, x: number, tx: number, T: number): boolean {
  return r > 0 && alpha > 0 && a > 0 && b > 0 && x >= 0 && tx >= 0 && tx <= T && T < Infinity && (x > 0 || tx === 0);
}
