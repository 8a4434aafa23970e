import { logGamma, logGammaRise } from "./special-functions.ts";

/**
 * The Gamma-Gamma model of spend: a purchase is worth Gamma(p, ν), ν ~ Gamma(q, v). Fader & Hardie 2013.
 * v is in a currency: m and the means are in the same unit. Out of domain: NaN.
 */
export interface GammaGammaParameters {
  readonly p: number;
  readonly q: number;
  readonly v: number;
}

/** ln L of a customer whose x > 0 repeat purchases were worth m > 0 on average. */
export function gammaGammaLogLikelihood(parameters: GammaGammaParameters, x: number, m: number): number {
  const { p, q, v } = parameters;
  if (!(p > 0 && q > 0 && v > 0 && x > 0 && m > 0)) return NaN;
  const total = x * m;
  return (
    logGammaRise(q, p * x) - logGamma(p * x) - Math.log(m) - p * x * Math.log1p(v / total) - q * Math.log1p(total / v)
  );
}

/**
 * E[M]: the expected value of a purchase of a customer.
 * @param total x·m, the spend on the x ≥ 0 repeat purchase days; 0 where x = 0
 * @returns NaN where the mean does not exist, p·x + q ≤ 1 (a population with q ≤ 1 has no mean spend)
 */
export function gammaGammaMean(parameters: GammaGammaParameters, x: number, total: number): number {
  const { p, q, v } = parameters;
  if (!(p > 0 && q > 0 && v > 0 && x >= 0 && total >= 0) || p * x + q <= 1) return NaN;
  return (p * (v + total)) / (p * x + q - 1);
}
