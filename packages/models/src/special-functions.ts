// oxlint-disable-next-line typescript/triple-slash-reference -- an ambient declaration has nothing to import, and importers check this file too
/// <reference path="./cephes.d.ts" />
import { compiled, hyp2f1, lgam } from "cephes";

await compiled;

/** ln Γ(x) for x > 0; NaN otherwise. */
export function logGamma(x: number): number {
  return x > 0 ? lgam(x) : NaN;
}

export { hyp2f1 };
