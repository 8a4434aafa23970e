/**
 * Seeded randomness: the same seed gives the same numbers on any machine. The generator is integers alone; the
 * distributions use `Math.log`, `exp`, `cos` and `pow`, which ECMAScript leaves to the engine in their last bit, and
 * the engine is pinned with Node.
 */
export interface Random {
  /** 0 ≤ u < 1, 32 bits. */
  uniform(): number;
  chance(probability: number): boolean;
  /** 0 … count − 1. */
  index(count: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** Mean 1. */
  exponential(): number;
  /** Mean 0, variance 1. */
  normal(): number;
  /** Scale 1, so mean and variance are `shape`. */
  gamma(shape: number): number;
  beta(a: number, b: number): number;
}

export function createRandom(seed: number): Random {
  const bits = sfc32(seed);
  const uniform = (): number => bits() / 2 ** 32;
  /** 0 < u ≤ 1: its logarithm is finite. */
  const positive = (): number => (bits() + 1) / 2 ** 32;

  function normal(): number {
    return Math.sqrt(-2 * Math.log(positive())) * Math.cos(2 * Math.PI * uniform());
  }

  /** Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; below 1 by their boost. */
  function gamma(shape: number): number {
    if (shape < 1) return gamma(shape + 1) * positive() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(positive()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
    }
  }

  return {
    uniform,
    chance: (probability) => uniform() < probability,
    index: (count) => Math.floor(uniform() * count),
    pick: (values) => values[Math.floor(uniform() * values.length)] ?? values[0],
    exponential: () => -Math.log(positive()),
    normal,
    gamma,
    beta(a, b) {
      const x = gamma(a);
      return x / (x + gamma(b));
    },
  };
}

/** Chris Doty-Humphrey's Small Fast Counting generator (PractRand), 32 bits, warmed up as he says. */
function sfc32(seed: number): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  function next(): number {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  }
  for (let i = 0; i < 15; i += 1) next();
  return next;
}
