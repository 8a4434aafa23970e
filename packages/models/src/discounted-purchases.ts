import type { DiscountSchedule } from "./discount-schedule.ts";
import type { Quadrature } from "./gauss-quadrature.ts";
import { type MbgNbdParameters, mbgExpectedPurchasesAlive } from "./mbg-nbd.ts";

/**
 * Purchases that a customer who is alive at T will make over the schedule's horizon, each discounted.
 * Customer lifetime value = P(alive) × this × E[M] × margin rate (models' CLV: it contains P(alive) already).
 */
export function discountedPurchasesAlive(
  parameters: MbgNbdParameters,
  x: number,
  T: number,
  schedule: DiscountSchedule,
): number {
  return discountedAlive((t) => mbgExpectedPurchasesAlive(parameters, x, T, t), schedule);
}

/** The same of any model. @param expected E[Y(t) | alive] as a function of t */
export function discountedAlive(expected: (t: number) => number, { nodes, weights }: Quadrature): number {
  let total = 0;
  for (let k = 0; k < nodes.length; k++) total += (weights[k] ?? NaN) * expected(nodes[k] ?? NaN);
  return total;
}

/** {@link discountedPurchasesAlive} for whole x, at ~1 % of its cost and within 1e-10 of it. */
export type PurchaseCurves = (x: number, T: number) => number;

/**
 * For a given whole x the discounted purchases are a smooth function of T alone: one Chebyshev series each, made when first
 * asked for. With ζ = β/(α+T+β) all T ≥ 0 lie in (0, β/(α+β)], and purchases × (α+T) is analytic there but for α+T = 0 and
 * α+T = −horizon; β puts both equally far away, so that the coefficients fall as ρ^−k.
 */
export function createPurchaseCurves(parameters: MbgNbdParameters, schedule: DiscountSchedule): PurchaseCurves {
  const { alpha } = parameters;
  const horizon = Math.max(...schedule.nodes);
  const beta = Math.sqrt(alpha * alpha + alpha * horizon) - alpha;
  const span = beta / (alpha + beta);
  const xi = 1 + (2 * alpha) / beta;
  const rho = xi + Math.sqrt(xi * xi - 1);
  const degree = Math.min(DEGREE_MAX, Math.ceil(-Math.log(TAIL) / Math.log(rho)));
  const curves: (Float64Array | undefined)[] = [];

  return (x, T) => {
    if (!(x <= CURVES_MAX) || !(T >= 0 && T < Infinity)) return discountedPurchasesAlive(parameters, x, T, schedule);
    const curve = (curves[x] ??= fit(x));
    const age = alpha + T;
    return clenshaw(curve, (2 * beta) / (age + beta) / span - 1) / age;
  };

  function fit(x: number): Float64Array {
    return chebyshev(degree, (y) => {
      const zeta = ((y + 1) / 2) * span;
      const age = beta / zeta - beta;
      return discountedPurchasesAlive(parameters, x, Math.max(0, age - alpha), schedule) * age;
    });
  }
}

/** Customers with more repeat days than this are computed directly, so that the curves' memory is bounded (~1 MB). */
const CURVES_MAX = 4096;
const DEGREE_MAX = 200;
/** Size of the first coefficient left out, against the first. */
const TAIL = 1e-13;

/** Coefficients of the interpolation at the Chebyshev points of the first kind. */
function chebyshev(degree: number, f: (y: number) => number): Float64Array {
  const count = degree + 1;
  const values = Array.from({ length: count }, (_, j) => f(Math.cos((Math.PI * (j + 0.5)) / count)));
  return Float64Array.from({ length: count }, (_, k) => {
    let total = 0;
    for (let j = 0; j < count; j++) total += (values[j] ?? NaN) * Math.cos((Math.PI * k * (j + 0.5)) / count);
    return ((k === 0 ? 1 : 2) / count) * total;
  });
}

function clenshaw(coefficients: Float64Array, y: number): number {
  let next = 0;
  let afterNext = 0;
  for (let k = coefficients.length - 1; k > 0; k--) {
    const value = 2 * y * next - afterNext + (coefficients[k] as number);
    afterNext = next;
    next = value;
  }
  return y * next - afterNext + (coefficients[0] as number);
}
