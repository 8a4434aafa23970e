import { betaGeometricLikelihood } from "./beta-geometric-likelihood.ts";
import { type ChancesAtStart, REGULARITY_MAX } from "./cnbd-k.ts";
import { type Estimate, estimate } from "./estimate.ts";
import type { FitWarning } from "./fit-error.ts";
import { paretoLikelihood } from "./pareto-likelihood.ts";
import { type GroupedHistories, groupHistories, type PurchaseHistory } from "./purchase-histories.ts";
import { PARAMETER_NAMES, type PurchaseModelName, type PurchaseModelSpec } from "./purchase-model-parameters.ts";

/** A fitted model: it is a {@link PurchaseModelSpec}, so that a purchase model can be made of it. */
export type PurchaseFit = PurchaseModelSpec & Omit<Estimate, "parameters">;

export interface FitOptions {
  /** Fixes the regularity of a CNBD-k model, 1 to 12; without it the likeliest is taken, which needs `logGaps`. */
  readonly k?: number;
}

/**
 * Maximum-likelihood fit of a purchase model, deterministic.
 * @param histories in the time unit that the parameters shall be in
 * @throws FitError where the data cannot be fitted, RangeError where k is not a whole number from 1 to 12
 */
export function fitPurchaseModel(
  model: PurchaseModelName,
  histories: readonly PurchaseHistory[],
  options: FitOptions = {},
): PurchaseFit {
  const fit = FITS[model](groupHistories(histories), options.k);
  // The parameters are those that the model's name asks for: the names that were fitted are the model's.
  return { model, ...fit } as unknown as PurchaseFit;
}

const FITS: Readonly<Record<PurchaseModelName, (data: GroupedHistories, k: number | undefined) => Estimate>> = {
  "BG/NBD": (data) => fitBetaGeometric(data, 1, 0),
  "MBG/NBD": (data) => fitBetaGeometric(data, 1, 1),
  "Pareto/NBD": (data) => fitPareto(data),
  "BG/CNBD-k": (data, k) => fitRegularity(data, 0, k),
  "MBG/CNBD-k": (data, k) => fitRegularity(data, 1, k),
};

const NAMES = PARAMETER_NAMES["MBG/NBD"];

function fitBetaGeometric(
  data: GroupedHistories,
  k: number,
  chances: ChancesAtStart,
  near?: readonly number[],
): Estimate {
  const rate = startRate(data) * k;
  const starts = [0.3, 1, 4].flatMap((r) =>
    [
      [0.6, 2.4],
      [0.8, 1.2],
      [4, 12],
      [0.2, 4],
    ].map((dropout) => [r, r / rate, ...dropout]),
  );
  return estimate(
    betaGeometricLikelihood(data, k, chances),
    NAMES,
    near === undefined ? starts : [near],
    data.customers,
  );
}

function fitPareto(data: GroupedHistories): Estimate {
  const rate = startRate(data);
  const age = data.time / data.customers;
  const starts = [0.3, 1, 4].flatMap((r) =>
    [
      [0.5, 0.4],
      [1.5, 1.5],
      [3, 10],
      [0.3, 2],
    ].map(([s = 1, ages = 1]) => [r, r / rate, s, ages * age]),
  );
  return estimate(paretoLikelihood(data), PARAMETER_NAMES["Pareto/NBD"], starts, data.customers);
}

/** Some leave early: who stays buys more often than the average. */
function startRate({ purchases, time }: GroupedHistories): number {
  return (1.5 * purchases) / time;
}

/** k by maximum likelihood: upwards from 1 until two in a row are less likely than the best, as its authors search. */
function fitRegularity(data: GroupedHistories, chances: ChancesAtStart, fixed: number | undefined): Estimate {
  if (fixed !== undefined) {
    if (!(Number.isInteger(fixed) && fixed >= 1 && fixed <= REGULARITY_MAX)) {
      throw new RangeError(`k ${fixed}: a whole number from 1 to ${REGULARITY_MAX}`);
    }
    return withRegularity(fitBetaGeometric(data, fixed, chances), fixed);
  }
  let best = fitBetaGeometric(data, 1, chances);
  let bestK = 1;
  let last = best;
  for (let k = 2; k <= Math.min(REGULARITY_MAX, bestK + 2); k++) {
    const { r = NaN, alpha = NaN, a = NaN, b = NaN } = last.parameters;
    last = fitBetaGeometric(data, k, chances, [r, (alpha * (k - 1)) / k, a, b]);
    if (last.logLikelihood > best.logLikelihood) [best, bestK] = [last, k];
  }
  const atMax: FitWarning = { code: "REGULARITY_AT_MAX", message: `ln L still rose at k = ${REGULARITY_MAX}` };
  // The last word is a search from all starts: the one along k had but one.
  const again = fitBetaGeometric(data, bestK, chances);
  if (again.logLikelihood > best.logLikelihood) best = again;
  const { warnings } = best;
  return withRegularity({ ...best, warnings: bestK === REGULARITY_MAX ? [...warnings, atMax] : warnings }, bestK);
}

function withRegularity(fit: Estimate, k: number): Estimate {
  return { ...fit, parameters: { k, ...fit.parameters } };
}
