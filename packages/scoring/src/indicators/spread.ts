import { ratio } from "./indicator.ts";

/** Standard deviation (of the whole population) to mean; null with fewer than two values, or a mean not above 0. */
export function relativeDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return ratio(Math.sqrt(squares / values.length), mean);
}

/** Slope of the least-squares line through equidistant values, to their mean; null where that is not above 0. */
export function relativeSlope(values: readonly number[]): number | null {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const products = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  const squares = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return ratio(products / squares, mean);
}
