import { type Estimate, estimate } from "./estimate.ts";
import { type FitWarning, InvalidInput, Unfittable } from "./errors.ts";
import type { FitOptions } from "./fit-purchase-model.ts";
import type { GammaGammaParameters } from "./gamma-gamma.ts";
import type { Objective } from "./maximise.ts";
import { pearsonCorrelation } from "./metrics/point-errors.ts";
import { requireCustomers } from "./requirements.ts";
import { digammaRise, logGamma, logGammaRise } from "./special-functions.ts";

/** Spend of a customer. */
export interface SpendHistory {
  /** Repeat purchase days. */
  readonly x: number;
  /** Mean value of these purchases, in the currency that v shall be in. */
  readonly m: number;
}

export interface GammaGammaFit extends Estimate {
  readonly model: "Gamma-Gamma";
  readonly parameters: GammaGammaParameters & Readonly<Record<string, number>>;
  /** Pearson's, of x and m: the model takes them as independent. */
  readonly correlation: number;
}

/** From here on a fit warns. */
const CORRELATION_MAX = 0.3;

/**
 * Maximum-likelihood fit of the Gamma-Gamma model. Customers without repeat purchases say nothing and are left out.
 * @throws InvalidInput NOT_FINITE, HISTORY_OUT_OF_DOMAIN
 * @throws Unfittable NO_REPEAT_PURCHASES, NO_SPEND, TOO_FEW_CUSTOMERS, NO_MAXIMUM
 */
export function fitGammaGamma(
  histories: readonly SpendHistory[],
  { onStep }: Pick<FitOptions, "onStep"> = {},
): GammaGammaFit {
  for (const [row, { x, m }] of histories.entries()) {
    if (!Number.isFinite(x) || !Number.isFinite(m)) {
      throw new InvalidInput("NOT_FINITE", `history ${row}: x ${x}, m ${m}`);
    }
    if (!(Number.isInteger(x) && x >= 0)) throw new InvalidInput("HISTORY_OUT_OF_DOMAIN", `history ${row}: x ${x}`);
  }
  const buyers = histories.filter(({ x }) => x > 0);
  if (buyers.length === 0) throw new Unfittable("NO_REPEAT_PURCHASES", "no customer bought again");
  const spenders = buyers.filter(({ m }) => m > 0);
  if (spenders.length === 0) throw new Unfittable("NO_SPEND", "no repeat purchase was worth anything");
  requireCustomers(spenders.length);
  const fit = estimate(likelihood(spenders), ["p", "q", "v"], startsFor(spenders), spenders.length, { onStep });
  const { p = NaN, q = NaN, v = NaN } = fit.parameters;
  const correlation = pearsonCorrelation(
    spenders.map(({ x }) => x),
    spenders.map(({ m }) => m),
  );
  const warnings: FitWarning[] = [...fit.warnings];
  if (correlation > CORRELATION_MAX) {
    warnings.push({
      code: "SPEND_DEPENDS_ON_FREQUENCY",
      message: `spend a purchase and number of purchases correlate by ${correlation.toFixed(2)}: the model takes them as independent`,
    });
  }
  if (spenders.length < buyers.length) {
    const left = buyers.length - spenders.length;
    warnings.push({ code: "NO_SPEND_LEFT_OUT", message: `${left} repeat buyers without positive spend were left out` });
  }
  if (q <= 1) {
    warnings.push({ code: "MEAN_SPEND_INFINITE", message: `q = ${q}: the population's mean spend does not exist` });
  }
  return { model: "Gamma-Gamma", ...fit, parameters: { p, q, v }, correlation, warnings };
}

/**
 * ln L and its gradient at (ln p, ln q, ln v); gamma functions once a distinct x. Where customers hardly differ q and v run off together: each
 * term is written so that it stays of the size of a customer's ln L then.
 */
function likelihood(spenders: readonly SpendHistory[]): Objective {
  const counts = new Map<number, number>();
  for (const { x } of spenders) counts.set(x, (counts.get(x) ?? 0) + 1);
  const constant = -spenders.reduce((sum, { m }) => sum + Math.log(m), 0);
  const totals = Float64Array.from(spenders, ({ x, m }) => x * m);
  const xs = Float64Array.from(spenders, ({ x }) => x);
  return (at, gradient) => {
    const [p = NaN, q = NaN, v = NaN] = at.map(Math.exp);
    let total = constant;
    let byP = 0;
    let byQ = 0;
    let byV = 0;
    for (const [x, count] of counts) {
      total += count * (logGammaRise(q, p * x) - logGamma(p * x));
      byP += count * x * digammaRise(p * x, q);
      byQ += count * digammaRise(q, p * x);
    }
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i] as number;
      const spend = totals[i] as number;
      const ratio = Math.log1p(v / spend);
      const share = Math.log1p(spend / v);
      total -= p * x * ratio + q * share;
      byP -= x * ratio;
      byQ -= share;
      byV += ((q * spend) / v - p * x) / (spend + v);
    }
    gradient[0] = byP * p;
    gradient[1] = byQ * q;
    gradient[2] = byV * v;
    return total;
  };
}

/** pv/(q − 1) is the mean spend where q > 1. */
function startsFor(spenders: readonly SpendHistory[]): readonly (readonly number[])[] {
  const mean = spenders.reduce((sum, { m }) => sum + m, 0) / spenders.length;
  return [1, 4, 16].flatMap((p) => [1.5, 4, 12].map((q) => [p, q, (mean * (q - 1)) / p]));
}
