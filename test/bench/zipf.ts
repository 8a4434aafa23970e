/** A small seeded generator (mulberry32): the workload is the same in every run. */
export function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from 0 … count − 1 with probability ∝ (i + 1)^−exponent, by Walker's alias table. */
export function zipf(count: number, exponent: number, fraction: () => number): () => number {
  const keep = new Float64Array(count);
  const alias = new Int32Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    keep[i] = (i + 1) ** -exponent;
    sum += keep[i] ?? 0;
  }
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < count; i++) {
    keep[i] = ((keep[i] ?? 0) * count) / sum;
    ((keep[i] ?? 0) < 1 ? small : large).push(i);
  }
  while (small.length > 0 && large.length > 0) {
    const low = small.pop() ?? 0;
    const high = large.pop() ?? 0;
    alias[low] = high;
    keep[high] = (keep[high] ?? 0) - (1 - (keep[low] ?? 0));
    ((keep[high] ?? 0) < 1 ? small : large).push(high);
  }
  for (const rest of [...small, ...large]) keep[rest] = 1;
  return () => {
    const index = Math.floor(fraction() * count);
    return fraction() < (keep[index] ?? 0) ? index : (alias[index] ?? 0);
  };
}
