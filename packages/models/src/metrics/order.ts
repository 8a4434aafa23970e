/** Row numbers by ascending value, ties in the order given. */
export function ascendingOrder(values: ArrayLike<number>): Int32Array {
  const order = Int32Array.from(values, (_, i) => i);
  return order.sort((i, j) => (values[i] as number) - (values[j] as number) || i - j);
}

/** Calls back for each run of equal values in an order by value: `from` and `to` (exclusive) are places in the order. */
export function forEachTie(
  values: ArrayLike<number>,
  order: Int32Array,
  visit: (from: number, to: number) => void,
): void {
  let from = 0;
  while (from < order.length) {
    const value = values[order[from] as number];
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === value) to++;
    visit(from, to);
    from = to;
  }
}

/** Ranks from 1, ties sharing the mean of theirs. */
export function midranks(values: ArrayLike<number>): Float64Array {
  const ranks = new Float64Array(values.length);
  const order = ascendingOrder(values);
  forEachTie(values, order, (from, to) => {
    for (let at = from; at < to; at++) ranks[order[at] as number] = (from + 1 + to) / 2;
  });
  return ranks;
}
