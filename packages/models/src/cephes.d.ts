// The package's own declarations are not reachable through its exports map.
declare module "cephes" {
  /** Resolves once the WebAssembly module can be called. */
  export const compiled: Promise<void>;
  /** Natural logarithm of |Γ(x)|. */
  export function lgam(x: number): number;
  /** Digamma function ψ(x), the derivative of ln Γ(x). */
  export function psi(x: number): number;
  /** Regularised incomplete beta function I_x(a, b). */
  export function incbet(a: number, b: number, x: number): number;
  /** Gauss' hypergeometric function ₂F₁(a, b; c; x). */
  export function hyp2f1(a: number, b: number, c: number, x: number): number;
}
