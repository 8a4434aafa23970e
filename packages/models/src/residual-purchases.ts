/**
 * Discounted expected residual transactions of a customer who is alive: ∫₀^∞ e^(−δt) dE[Y(t)] = ∫₀^∞ e^(−v) E[Y(v/δ)] dv, by parts.
 * Fader, Hardie & Lee 2005, "RFM and CLV"; for the Pareto/NBD it is their α^r β^s δ^(s−1) Γ(r+x+1) U(s, s, δ(β+T))/…, and here the same for every model.
 *
 * With θ = ln v the integrand falls like e^θ to the left and doubly exponentially to the right, and is analytic for |Im θ| < π/2: the
 * trapezium rule with step h is within e^(−π²/h) of it, 1e-17 for h = 1/4.
 * @param expected E[Y(t) | alive] as a function of t
 * @param delta continuous discount rate a time unit; NaN where it is not positive
 */
export function residualAlive(expected: (t: number) => number, delta: number): number {
  if (!(delta > 0 && delta < Infinity)) return NaN;
  let sum = 0;
  for (let step = Math.round(LOG_MIN / STEP); step * STEP <= LOG_MAX; step++) {
    const v = Math.exp(step * STEP);
    sum += Math.exp(-v) * v * expected(v / delta);
  }
  return STEP * sum;
}

const STEP = 0.25;
/** e^−38: what lies below is less than 1e-16 of the whole. */
const LOG_MIN = -38;
/** e^3.75 = 42.5, and e^−42.5 is below 1e-18. */
const LOG_MAX = 3.75;
