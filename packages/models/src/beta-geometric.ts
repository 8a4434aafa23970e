import { hyp2f1 } from "./special-functions.ts";

/**
 * Purchases of a customer who is alive, buys at rate λ ~ Gamma(r + x, α + T) and leaves after each purchase with probability
 * p ~ Beta(a, b + x + 1): E[(1 − (1 + pw)^−(r+x))/p], w = t/(α + T). MBG/NBD with its own b, BG/NBD with b − 1 in place of it.
 * In the domain of both (b > −1, a + b + x > −1) without a check.
 */
export function purchasesBeforeDropout(r: number, a: number, b: number, x: number, w: number): number {
  if (w * Math.max(1, (r + x + 1) / (a + b + x + 1)) <= SERIES_W_MAX) return expectedBySeries(r, a, b, x, w);
  const u = (a - 1) / A_NEAR_1;
  if (Math.abs(u) >= 1) return expectedByEuler(r, a, b, x, w);
  // The pole of the closed form at a = 1 is removable: a cubic through two points on either side, error ~1e-12.
  return (
    ((u * u - 1) * ((u + 2) * near(2) - (u - 2) * near(-2))) / 12 +
    ((u * u - 4) * ((u - 1) * near(-1) - (u + 1) * near(1))) / 6
  );

  function near(steps: number): number {
    return expectedByEuler(r, 1 + steps * A_NEAR_1, b, x, w);
  }
}

/** Up to here the series in w converges in few terms and loses no digits to cancellation. */
const SERIES_W_MAX = 0.25;
const SERIES_TERMS_MAX = 100;
/** Nearer to a = 1 than this the closed form cancels. */
const A_NEAR_1 = 1e-4;
/** Below this third parameter, down to its pole at 0, ₂F₁ is taken from its neighbours. */
const THIRD_SMALL = 0.5;

/** Term by term: Σ (−1)^(k−1) (s)_k/k! w^k B(a+k−1, b+x+1)/B(a, b+x+1), s = r + x. */
function expectedBySeries(r: number, a: number, b: number, x: number, w: number): number {
  let term = (r + x) * w;
  let sum = term;
  for (let k = 1; k < SERIES_TERMS_MAX; k++) {
    term *= ((-w * (r + x + k)) / (k + 1)) * ((a + k - 1) / (a + b + x + k));
    sum += term;
    if (Math.abs(term) <= 1e-17 * sum) break;
  }
  return sum;
}

/** The closed form after Euler's transformation, without which ₂F₁ overflows for large x; z = w/(1 + w). */
function expectedByEuler(r: number, a: number, b: number, x: number, w: number): number {
  const power = Math.exp((1 - a) * Math.log1p(w));
  const third = a + b + x;
  const z = w / (1 + w);
  if (third >= THIRD_SMALL) return (third / (a - 1)) * (1 - power * hyp2f1(a - 1, a + b - r, third, z));
  // c F(A, B; c) = c F(A, B; c + 1) + AB z/(c + 1) F(A + 1, B + 1; c + 2): finite at c = 0. DLMF 15.5.
  const scaled =
    third * hyp2f1(a - 1, a + b - r, third + 1, z) +
    (((a - 1) * (a + b - r) * z) / (third + 1)) * hyp2f1(a, a + b - r + 1, third + 2, z);
  return (third - power * scaled) / (a - 1);
}
