import { hyp2f1 } from "./special-functions.ts";

/**
 * Purchases of a customer who is alive, buys at rate λ ~ Gamma(r + x, α + T) and leaves after each purchase with probability
 * p ~ Beta(a, b + x + 1): E[(1 − (1 + pw)^−(r+x))/p], w = t/(α + T). MBG/NBD with its own b, BG/NBD with b − 1 in place of it.
 * In the domain of both (b > −1, a + b + x > −1) without a check.
 */
export function purchasesBeforeDropout(r: number, a: number, b: number, x: number, w: number): number {
  if (w * Math.max(1, (r + x + 1) / (a + b + x + 1)) <= SERIES_W_MAX) return expectedBySeries(r, a, b, x, w);
  if (!closedFormIsSafe(r, a, b, x, w)) return expectedByQuadrature(r + x, a, b + x + 1, w);
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
/** Up to this z = w/(1 + w) cephes sums Gauss' series; beyond, it transforms, which fails near whole numbers: it throws, or gives NaN. */
const Z_MAX = 0.9;
/** A second parameter below this makes the first terms of the series large and alternating. */
const SECOND_MIN = -3;

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
  return ((a + b + x) / (a - 1)) * (1 - power * hyp2f1(a - 1, a + b - r, a + b + x, w / (1 + w)));
}

function closedFormIsSafe(r: number, a: number, b: number, x: number, w: number): boolean {
  return w / (1 + w) <= Z_MAX && a + b - r > SECOND_MIN && a + b + x > 0.5 && x + r + 1 - a > 0.01;
}

/**
 * The integral over p ~ Beta(a, c) itself, which never fails: with p = 1/(1 + e^−u) the integrand falls exponentially on both sides and is
 * analytic about the real axis. The trapezium rule with step h errs by its Fourier transform at ω = 2π/h, at most that of a
 * log-gamma density, |Γ(m + iω)|/Γ(m) with m = min(a, c): below 1e-12 for ω = 18 + 7.7 √m. Where p or 1 − p is below rounding the rest is
 * a geometric series.
 */
function expectedByQuadrature(s: number, a: number, c: number, w: number): number {
  const from = -TAIL - Math.log(Math.max(1, s * w, c));
  const h = (2 * Math.PI) / (18 + 7.7 * Math.sqrt(Math.min(a, c)));
  const steps = Math.ceil((TAIL - from) / h);
  const peak = Math.log(a / c);
  const logPeak = a * peak - (a + c) * Math.log1p(Math.exp(peak));
  let total = 0;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const u = from + step * h;
    const e = Math.exp(u);
    const tail = step === 0 ? 1 / -Math.expm1(-a * h) : step === steps ? 1 / -Math.expm1(-c * h) : 1;
    const density = tail * Math.exp(a * u - (a + c) * Math.log1p(e) - logPeak);
    const p = e / (1 + e);
    total += density;
    sum += density * (-Math.expm1(-s * Math.log1p(p * w)) / p);
  }
  return sum / total;
}

/** e^−39 is below rounding. */
const TAIL = 39;
