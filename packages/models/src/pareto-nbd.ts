import { integrate } from "./gauss-legendre.ts";
import { negativeBinomialMass } from "./negative-binomial.ts";
import { type DropoutIntegral, dropoutIntegral } from "./pareto-dropout.ts";
import { logGamma } from "./special-functions.ts";

/**
 * The Pareto/NBD model: a customer buys at rate λ ~ Gamma(r, α) and leaves at rate μ ~ Gamma(s, β). Schmittlein, Morrison & Colombo 1987;
 * Fader & Hardie, "A note on deriving the Pareto/NBD model" (2005).
 *
 * x repeat purchase days, tx recency (0 ≤ tx ≤ T, 0 where x = 0), T age, all times in the unit of the parameters. Out of domain: NaN.
 */
export interface ParetoNbdParameters {
  readonly r: number;
  readonly alpha: number;
  readonly s: number;
  readonly beta: number;
}

/** ln L(x, tx, T), the log-likelihood of one customer. */
export function paretoLogLikelihood(parameters: ParetoNbdParameters, x: number, tx: number, T: number): number {
  if (!inDomain(parameters, x, tx, T)) return NaN;
  const { r, alpha, s, beta } = parameters;
  return (
    logGamma(r + x) -
    logGamma(r) +
    r * Math.log(alpha) -
    (r + x) * Math.log(alpha + tx) -
    s * Math.log1p(tx / beta) +
    Math.log(left(parameters, x, tx, T) + stillThere(parameters, x, tx, T))
  );
}

/** P(alive) at T. */
export function paretoAlive(parameters: ParetoNbdParameters, x: number, tx: number, T: number): number {
  if (!inDomain(parameters, x, tx, T)) return NaN;
  const there = stillThere(parameters, x, tx, T);
  return there / (there + left(parameters, x, tx, T));
}

/** P(no purchase in (T, T + h]) = L(x, tx, T + h)/L(x, tx, T). It never falls as T grows. */
export function paretoSilence(parameters: ParetoNbdParameters, x: number, tx: number, T: number, h: number): number {
  if (!inDomain(parameters, x, tx, T) || !(h >= 0 && h < Infinity)) return NaN;
  const there = stillThere(parameters, x, tx, T);
  const gone = left(parameters, x, tx, T);
  const silent = left(parameters, x, T, T + h) + stillThere(parameters, x, T, T + h);
  return Math.min(1, (gone + there * silent) / (gone + there));
}

/** E[Y(t) | alive at T]: purchases expected in (T, T + t] of a customer who is alive. Finite at s = 1. */
export function paretoExpectedAlive(
  { r, alpha, s, beta }: ParetoNbdParameters,
  x: number,
  T: number,
  t: number,
): number {
  if (!(r > 0 && alpha > 0 && s > 0 && beta > 0 && x >= 0 && T >= 0 && T < Infinity && t >= 0 && t < Infinity)) {
    return NaN;
  }
  const log = Math.log1p(t / (beta + T));
  const time = s === 1 ? log : -Math.expm1((1 - s) * log) / (s - 1);
  return ((r + x) / (alpha + T)) * (beta + T) * time;
}

/**
 * P(Y(t) = n): probability of exactly n purchases in (T, T + t]. While he is there they are negative binomial, and he leaves at a Pareto
 * time: a closed part and an integral of positive terms (Fader & Hardie 2014 give it as sums of ₂F₁).
 */
export function paretoMass(
  parameters: ParetoNbdParameters,
  x: number,
  tx: number,
  T: number,
  t: number,
  n: number,
): number {
  if (!inDomain(parameters, x, tx, T) || !(t >= 0 && t < Infinity) || !(Number.isInteger(n) && n >= 0)) return NaN;
  if (n === 0) return paretoSilence(parameters, x, tx, T, t);
  if (t === 0) return 0;
  const A = parameters.r + x;
  const rate = parameters.alpha + T;
  const life = parameters.beta + T;
  const { s } = parameters;
  const near = Math.min(rate, life);
  const density = (theta: number): number => {
    const y = near * Math.expm1(theta);
    return (near + y) * (s / (life + y)) * Math.exp(-s * Math.log1p(y / life)) * negativeBinomialMass(A, y / rate, n);
  };
  const span = Math.log1p(t / near);
  // Where n purchases are likeliest: a narrow peak for large n must not fall between nodes.
  const peak = Math.min(span, Math.log1p((n * rate) / A / near));
  const leaves = integrate(density, 0, peak) + (peak < span ? integrate(density, peak, span) : 0);
  const stays = Math.exp(-s * Math.log1p(t / life)) * negativeBinomialMass(A, t / rate, n);
  return paretoAlive(parameters, x, tx, T) * (stays + leaves);
}

/** Weight of having left in [tx, T], against the integrand's scale at tx: s·J. */
function left({ r, alpha, s, beta }: ParetoNbdParameters, x: number, tx: number, T: number): number {
  return s * dropoutIntegral(r + x, alpha, s, beta, tx, T, integral).value;
}

/** Weight of being there at T on the same scale. */
function stillThere({ r, alpha, s, beta }: ParetoNbdParameters, x: number, tx: number, T: number): number {
  return Math.exp(-(r + x) * Math.log1p((T - tx) / (alpha + tx)) - s * Math.log1p((T - tx) / (beta + tx)));
}

/** Written and read within one call. */
const integral: DropoutIntegral = { value: 0, logAlpha: 0, logBeta: 0, perAlpha: 0, perBeta: 0 };

function inDomain({ r, alpha, s, beta }: ParetoNbdParameters, x: number, tx: number, T: number): boolean {
  return r > 0 && alpha > 0 && s > 0 && beta > 0 && x >= 0 && tx >= 0 && tx <= T && T < Infinity && (x > 0 || tx === 0);
}
