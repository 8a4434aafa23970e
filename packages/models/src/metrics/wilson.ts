export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Standard normal quantile of .975: an interval of 95 %. */
export const Z_95 = 1.959963984540054;

/**
 * Wilson's score interval of a share, 95 %: inside [0, 1] and sensible for few trials, where Wald's is not. Wilson, JASA 22 (1927),
 * 209–212. Out of domain (no trials, more successes than trials): NaN.
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (!(trials > 0 && successes >= 0 && successes <= trials)) return { lower: NaN, upper: NaN };
  const share = successes / trials;
  const z2 = Z_95 ** 2 / trials;
  const centre = share + z2 / 2;
  const reach = Math.sqrt(z2 * share * (1 - share) + z2 ** 2 / 4);
  const lower = (centre - reach) / (1 + z2);
  // The end itself, which rounding misses there; at 0 it does not.
  const upper = successes === trials ? 1 : (centre + reach) / (1 + z2);
  return { lower, upper };
}
