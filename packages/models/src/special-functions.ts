// oxlint-disable-next-line typescript/triple-slash-reference -- an ambient declaration has nothing to import, and importers check this file too
/// <reference path="./cephes.d.ts" />
import { compiled, hyp2f1, incbet, lgam, psi } from "cephes";

await compiled;

/** ln Γ(x) for x > 0; NaN otherwise. */
export function logGamma(x: number): number {
  return x > 0 ? lgam(x) : NaN;
}

/** ψ(x) = d ln Γ(x)/dx for x > 0; NaN otherwise. */
export function digamma(x: number): number {
  return x > 0 ? psi(x) : NaN;
}

/** ln B(a, b) for a, b > 0; NaN otherwise. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/**
 * ln Γ(z + d) − ln Γ(z) for z > 0, d ≥ 0; NaN otherwise. For large z both are larger than their difference by far, which is then taken of their
 * asymptotic series, Abramowitz & Stegun 6.1.41, term by term: within 1e-13 · max(1, d ln z).
 */
export function logGammaRise(z: number, d: number): number {
  if (!(z > 0 && d >= 0)) return NaN;
  if (z < ASYMPTOTIC_FROM) return lgam(z + d) - lgam(z);
  return (z + d - 0.5) * Math.log1p(d / z) + d * (Math.log(z) - 1) + logGammaRest(z + d) - logGammaRest(z);
}

/** ψ(z + d) − ψ(z), the derivative of {@link logGammaRise} by z, in the same way: Abramowitz & Stegun 6.3.18. */
export function digammaRise(z: number, d: number): number {
  if (!(z > 0 && d >= 0)) return NaN;
  if (z < ASYMPTOTIC_FROM) return psi(z + d) - psi(z);
  return Math.log1p(d / z) + d / (2 * z * (z + d)) - digammaRest(z + d) + digammaRest(z);
}

/** From here on what the series leave out is below 1e-15. */
const ASYMPTOTIC_FROM = 20;

/** ln Γ(z) − (z − ½) ln z + z − ½ ln 2π. */
function logGammaRest(z: number): number {
  const w = 1 / (z * z);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w / 1680))) / z;
}

/** ln z − 1/(2z) − ψ(z). */
function digammaRest(z: number): number {
  const w = 1 / (z * z);
  return w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w / 240)));
}

export { hyp2f1, incbet as incompleteBeta };
