import { purchasesBeforeDropout } from "./beta-geometric.ts";
import { softplus } from "./logistic.ts";
import { logBeta, logGamma } from "./special-functions.ts";

/**
 * The BG/NBD model: a customer buys at rate λ ~ Gamma(r, α) and leaves with probability p ~ Beta(a, b) after each repeat purchase.
 * Fader, Hardie & Lee 2005. Who bought once is alive for certain, so that 1 − P(alive) is no churn risk: use the silence.
 *
 * x repeat purchase days, tx recency (0 ≤ tx ≤ T, 0 where x = 0), T age, all times in the unit of the parameters. Out of domain: NaN.
 */
export interface BgNbdParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** ln L(x, tx, T), the log-likelihood of one customer. Equation 6 of the paper. */
export function bgLogLikelihood(parameters: BgNbdParameters, x: number, tx: number, T: number): number {
  if (!inDomain(parameters, x, tx, T)) return NaN;
  const { r, alpha, a, b } = parameters;
  return (
    logGamma(r + x) -
    logGamma(r) +
    r * Math.log(alpha) -
    (r + x) * Math.log(alpha + T) +
    logBeta(a, b + x) -
    logBeta(a, b) +
    softplus(logOddsLeft(parameters, x, tx, T))
  );
}

/** P(alive) at T: 1 where x = 0. */
export function bgAlive(parameters: BgNbdParameters, x: number, tx: number, T: number): number {
  if (!inDomain(parameters, x, tx, T)) return NaN;
  return 1 / (1 + Math.exp(logOddsLeft(parameters, x, tx, T)));
}

/** P(no purchase in (T, T + h]) = L(x, tx, T + h)/L(x, tx, T). It never falls as T grows. */
export function bgSilence(parameters: BgNbdParameters, x: number, tx: number, T: number, h: number): number {
  if (!inDomain(parameters, x, tx, T) || !(h >= 0)) return NaN;
  const left = Math.exp(logOddsLeft(parameters, x, tx, T));
  if (left === Infinity) return 1;
  return (left + Math.exp(-(parameters.r + x) * Math.log1p(h / (parameters.alpha + T)))) / (1 + left);
}

/** E[Y(t) | alive at T]: purchases expected in (T, T + t] of a customer who is alive. Equation 10, without P(alive). */
export function bgExpectedAlive(parameters: BgNbdParameters, x: number, T: number, t: number): number {
  if (!inDomain(parameters, x, 0, T) || !(t >= 0 && t < Infinity)) return NaN;
  const { r, alpha, a, b } = parameters;
  return purchasesBeforeDropout(r, a, b - 1, x, t / (alpha + T));
}

/** ln of the odds of having left: a/(b+x−1) · ((α+T)/(α+tx))^(r+x); −Infinity where x = 0. */
function logOddsLeft({ r, alpha, a, b }: BgNbdParameters, x: number, tx: number, T: number): number {
  return x === 0 ? -Infinity : Math.log(a / (b + x - 1)) + (r + x) * Math.log1p((T - tx) / (alpha + tx));
}

function inDomain({ r, alpha, a, b }: BgNbdParameters, x: number, tx: number, T: number): boolean {
  return r > 0 && alpha > 0 && a > 0 && b > 0 && x >= 0 && tx >= 0 && tx <= T && T < Infinity && (x > 0 || tx === 0);
}
