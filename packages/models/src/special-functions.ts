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

export { hyp2f1, incbet as incompleteBeta };
