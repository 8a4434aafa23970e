import { hyp2f1, logBeta } from "./special-functions.ts";

/**
 * The shifted beta-geometric model of contracts: at the end of each period a customer leaves with probability θ ~ Beta(α, β), his own and
 * constant. Fader & Hardie 2007, "How to project customer retention". Periods are whole numbers from 1. Out of domain: NaN.
 */
export interface SbgParameters {
  readonly alpha: number;
  readonly beta: number;
}

/** P_t: probability that a new customer leaves at the end of period t ≥ 1: B(α+1, β+t−1)/B(α, β). Equation 5. */
export function sbgChurn({ alpha, beta }: SbgParameters, t: number): number {
  if (!inDomain(alpha, beta) || !isPeriod(t, 1)) return NaN;
  return Math.exp(logBeta(alpha + 1, beta + t - 1) - logBeta(alpha, beta));
}

/** S_t: probability that a new customer is still there after period t ≥ 0: B(α, β+t)/B(α, β). Equation 6. */
export function sbgSurvival({ alpha, beta }: SbgParameters, t: number): number {
  if (!inDomain(alpha, beta) || !isPeriod(t, 0)) return NaN;
  return Math.exp(logBeta(alpha, beta + t) - logBeta(alpha, beta));
}

/** r_t = S_t/S_{t−1}: retention in period t ≥ 1, (β+t−1)/(α+β+t−1). Equation 8: it rises though nobody's own does. */
export function sbgRetention({ alpha, beta }: SbgParameters, t: number): number {
  if (!inDomain(alpha, beta) || !isPeriod(t, 1)) return NaN;
  return (beta + t - 1) / (alpha + beta + t - 1);
}

/** Probability that a customer who has renewed n ≥ 0 times leaves within the next h ≥ 0 periods: 1 − S_{n+h}/S_n. */
export function sbgChurnWithin({ alpha, beta }: SbgParameters, n: number, h: number): number {
  if (!inDomain(alpha, beta) || !isPeriod(n, 0) || !isPeriod(h, 0)) return NaN;
  return -Math.expm1(logBeta(alpha, beta + n + h) - logBeta(alpha, beta + n));
}

/**
 * DERL: periods expected to come, discounted by d ≥ 0 a period, of a customer in his n-th period (n ≥ 1: he has renewed n − 1 times) who is about to
 * decide on the next: Σ_{t≥n} S_t/S_{n−1} (1+d)^(n−t) = (β+n−1)/(α+β+n−1) · ₂F₁(1, β+n; α+β+n; 1/(1+d)).
 * Fader & Hardie 2010, "Customer-base valuation in a contractual setting", equation 8.
 * @returns Infinity where d = 0 and α ≤ 1
 */
export function sbgResidualLifetime({ alpha, beta }: SbgParameters, n: number, d: number): number {
  if (!inDomain(alpha, beta) || !isPeriod(n, 1) || !(d >= 0)) return NaN;
  const retention = (beta + n - 1) / (alpha + beta + n - 1);
  // Gauss' sum at 1.
  if (d === 0) return alpha > 1 ? (retention * (alpha + beta + n - 1)) / (alpha - 1) : Infinity;
  return retention * hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + d));
}

/**
 * ln L of a cohort. Equation 7.
 * @param lost customers who left at the end of period 1, 2, …
 * @param kept customers who are still there after the last of these
 */
export function sbgLogLikelihood(parameters: SbgParameters, lost: readonly number[], kept: number): number {
  const { alpha, beta } = parameters;
  if (!inDomain(alpha, beta)) return NaN;
  const base = logBeta(alpha, beta);
  const left = lost.reduce((sum, count, i) => sum + count * (logBeta(alpha + 1, beta + i) - base), 0);
  return left + kept * (logBeta(alpha, beta + lost.length) - base);
}

function inDomain(alpha: number, beta: number): boolean {
  return alpha > 0 && beta > 0 && alpha < Infinity && beta < Infinity;
}

function isPeriod(t: number, from: number): boolean {
  return Number.isInteger(t) && t >= from;
}
