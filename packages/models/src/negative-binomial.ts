import { incompleteBeta, logGamma } from "./special-functions.ts";

/**
 * The number N of events in a time whose length is w times the rate parameter of the rate's Gamma(s, ·) distribution:
 * P(N = n) = Γ(s + n)/(Γ(s) n!) · w^n/(1 + w)^(s + n), s > 0, w ≥ 0.
 */
export function negativeBinomialMass(s: number, w: number, n: number): number {
  if (n < 0) return 0;
  if (n === 0) return Math.exp(-s * Math.log1p(w));
  if (w === 0) return 0;
  return Math.exp(logGamma(s + n) - logGamma(s) - logGamma(n + 1) - s * Math.log1p(w) - n * Math.log1p(1 / w));
}

/** P(N ≥ n) = I_{w/(1+w)}(n, s). Abramowitz & Stegun 26.5.26. */
export function negativeBinomialSurvival(s: number, w: number, n: number): number {
  if (n <= 0) return 1;
  return w === 0 ? 0 : incompleteBeta(n, s, w / (1 + w));
}

/**
 * E[Σ_{i=1}^{M} Π_{l<i} stay(l)], M = ⌊(done + N)/k⌋: purchases of a customer who stays after the l-th one with probability stay(l), where every
 * k-th event is a purchase and `done` of them have passed since the last one. A sum over N of positive terms.
 * @param stay probability of staying after the l-th purchase, given that he stayed before; l = 1, 2, …
 */
export function expectedBeforeDropout(
  s: number,
  w: number,
  k: number,
  done: number,
  stay: (l: number) => number,
): number {
  if (w === 0) return 0;
  const z = w / (1 + w);
  const first = firstThatMatters(s, w);
  let purchases = 0;
  // What the next purchase adds, were it made: the probability of being there to make it.
  let adds = 1;
  let value = 0;
  for (; purchases < Math.floor((done + first) / k); purchases++) {
    value += adds;
    adds *= stay(purchases + 1);
  }
  let mass = 1;
  let massTotal = 0;
  let valueTotal = 0;
  for (let n = first, phase = (done + first) % k; ; n++) {
    massTotal += mass;
    valueTotal += mass * value;
    const ratio = (z * (s + n)) / (n + 1);
    // Beyond here the terms fall at least like a geometric series; value grows by 1 a purchase at most.
    if (ratio < 1 && n > first + k && mass * (value + 1) < 1e-17 * (1 - ratio) ** 2 * valueTotal) break;
    mass *= ratio;
    if (++phase === k) {
      phase = 0;
      purchases++;
      value += adds;
      adds *= stay(purchases);
    }
    if (mass > MASS_LARGE) {
      mass /= MASS_LARGE;
      massTotal /= MASS_LARGE;
      valueTotal /= MASS_LARGE;
    }
  }
  return valueTotal / massTotal;
}

const MASS_LARGE = 1e200;

/** The least n that the sum has to start from: what lies below has less than 1e-20 of the mode's mass each. */
function firstThatMatters(s: number, w: number): number {
  let n = Math.max(0, Math.floor((s - 1) * w));
  for (let mass = 1; n > 0 && mass > 1e-22; n--) mass *= (n * (1 + w)) / (w * (s + n - 1));
  return n;
}
