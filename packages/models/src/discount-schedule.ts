import { gaussQuadrature, type Quadrature } from "./gauss-quadrature.ts";

/**
 * Discounting over a horizon, as a quadrature to be applied to the expected number of purchases up to a time.
 *
 * The sum it stands for: the horizon is cut into periods of Δ (the last may be a part of one), what is bought in a period is
 * discounted from the period's end, Σᵢ (E[Y(tᵢ)] − E[Y(tᵢ₋₁)])·Dᵢ with Dᵢ = (1 + d)^(−tᵢ/year). Summed by parts this is
 * Dₙ E[Y(tₙ)] + Σᵢ₌₁ⁿ⁻¹ (Dᵢ − Dᵢ₊₁) E[Y(tᵢ)]: one value at the horizon, and a small sum over a smooth function that a Gaussian quadrature
 * of few nodes gives to within 1e-6 of the whole.
 */
export interface DiscountSchedule extends Quadrature {
  /** The sum itself, a node a period: for what is not smooth over a period, the purchases of a regular buyer. */
  readonly periods: Quadrature;
}

export interface DiscountTerms {
  /** In the model's time unit, as `period` and `year`. */
  readonly horizon: number;
  /** Δ: a week in the published sums. */
  readonly period: number;
  readonly year: number;
  /** Annual discount rate d ≥ 0. */
  readonly rate: number;
}

export function createDiscountSchedule({ horizon, period, year, rate }: DiscountTerms): DiscountSchedule {
  const periods = Math.max(1, Math.ceil(horizon / period - 1e-9));
  const times = Array.from({ length: periods }, (_, i) => (i + 1 === periods ? horizon : (i + 1) * period));
  const discounts = times.map((time) => (1 + rate) ** (-time / year));
  const falls = discounts.map((discount, i) => (i + 1 === periods ? discount : discount - (discounts[i + 1] ?? 0)));
  if (rate === 0) return { nodes: [horizon], weights: [1], periods: { nodes: [horizon], weights: [1] } };
  const inner = gaussQuadrature(times.slice(0, -1), falls.slice(0, -1), INNER_NODES);
  return {
    nodes: [...inner.nodes, horizon],
    weights: [...inner.weights, falls.at(-1) ?? 1],
    periods: { nodes: times, weights: falls },
  };
}

/** Enough for 1e-6 of the sum from a new customer on; a test compares. */
const INNER_NODES = 6;
