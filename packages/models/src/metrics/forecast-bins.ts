import { ascendingOrder, forEachTie } from "./order.ts";

/** The rows of a bin. */
export type Bin = Int32Array;

/**
 * Rows by ascending value in bins of equal count, ties in the order given. Of n rows in m bins, bin k begins at row ⌊k·n/m⌋: where the
 * rows do not divide, bins differ by one. With fewer rows than bins a bin a row.
 */
export function equalCountBins(values: ArrayLike<number>, count: number): Bin[] {
  const order = ascendingOrder(values);
  const bins = Math.min(count, order.length);
  const begin = (k: number): number => Math.floor((k * order.length) / bins);
  return Array.from({ length: bins }, (_, k) => order.subarray(begin(k), begin(k + 1)));
}

/** A bin a distinct value, ascending. */
export function distinctValueBins(values: ArrayLike<number>): Bin[] {
  const order = ascendingOrder(values);
  const bins: Bin[] = [];
  forEachTie(values, order, (from, to) => void bins.push(order.subarray(from, to)));
  return bins;
}

export function meanOver(bin: Bin, values: ArrayLike<number>): number {
  let total = 0;
  for (const i of bin) total += values[i] as number;
  return total / bin.length;
}
