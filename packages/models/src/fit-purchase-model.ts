import { betaGeometricLikelihood } from "./beta-geometric-likelihood.ts";
import { type ChancesAtStart, REGULARITY_MAX } from "./cnbd-k.ts";
import { type Estimate, estimate } from "./estimate.ts";
import { type FitWarning, InvalidInput } from "./errors.ts";
import { paretoLikelihood } from "./pareto-likelihood.ts";
import { type GroupedHistories, groupHistories, type PurchaseHistory } from "./purchase-histories.ts";
import { PARAMETER_NAMES, type PurchaseModelName, type PurchaseModelSpec } from "./purchase-model-parameters.ts";

/** A fitted model: it is a {@link PurchaseModelSpec}, so that a purchase model can be made of it. */
export type PurchaseFit = PurchaseModelSpec & Omit<Estimate, "parameters">;

export interface FitOptions {
  /** Fixes the regularity of a CNBD-k model, 1 to 12; without it the likeliest is taken, which needs `logGaps`. */
  readonly k?: number;
  /** Called after each evaluation of ln L in the search, so that a long one can be told from one that hangs. */
  readonly onStep?: () => void;
}

/**
 * Maximum-likelihood fit of a purchase model, deterministic.
 * @param histories in the time unit that the parameters shall be in
 * @throws Unfittable TOO_FEW_CUSTOMERS, NO_REPEAT_PURCHASES, NO_MAXIMUM
 * @throws InvalidInput as {@link groupHistories}; OUT_OF_RANGE where k is not a whole number from 1 to 12
 */
export function fitPurchaseModel(
  model: PurchaseModelName,
  histories: readonly PurchaseHistory[],
  options: FitOptions = {},
): PurchaseFit {
  const fit = FITS[model](groupHistories(histories), options);
  // The parameters are those that the model's name asks for: the names that were fitted are the model's.
  return { model, ...fit } as unknown as PurchaseFit;
}

const FITS: Readonly<Record<PurchaseModelName, (data: GroupedHistories, options: FitOptions) => Estimate>> = {
  "BG/NBD": (data, { onStep }) => fitBetaGeometric(data, 1, 0, onStep),
  "MBG/NBD": (data, { onStep }) => fitBetaGeometric(data, 1, 1, onStep),
  "Pareto/NBD": (data, { onStep }) => fitPareto(data, onStep),
  "BG/CNBD-k": (data, options) => fitRegularity(data, 0, options),
  "MBG/CNBD-k": (data, options) => fitRegularity(data, 1, options),
};

const NAMES = PARAMETER_NAMES["MBG/NBD"];

function fitBetaGeometric(
  data: GroupedHistories,
  k: number,
  chances: ChancesAtStart,
  onStep: (() => void) | undefined,
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
    starts,
    data.customers,
    near === undefined ? { onStep } : { near, onStep },
  );
}

function fitPareto(data: GroupedHistories, onStep: (() => void) | undefined): Estimate {
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
  return estimate(paretoLikelihood(data), PARAMETER_NAMES["Pareto/NBD"], starts, data.customers, { onStep });
}

/** Some leave early: who stays buys more often than the average. */
function startRate({ purchases, time }: GroupedHistories): number {
  return (1.5 * purchases) / time;
}

/** k by maximum likelihood: upwards from 1 until two in a row are less likely than the best, as its authors search. */
function fitRegularity(data: GroupedHistories, chances: ChancesAtStart, { k: fixed, onStep }: FitOptions): Estimate {
  if (fixed !== undefined) {
    if (!(Number.isInteger(fixed) && fixed >= 1 && fixed <= REGULARITY_MAX)) {
      throw new InvalidInput("OUT_OF_RANGE", `k ${fixed}: a whole number from 1 to ${REGULARITY_MAX}`);
    }
    return withRegularity(fitBetaGeometric(data, fixed, chances, onStep), fixed);
  }
  let best = fitBetaGeometric(data, 1, chances, onStep);
  let bestK = 1;
  let last = best;
  for (let k = 2; k <= Math.min(REGULARITY_MAX, bestK + 2); k++) {
    const { r = NaN, alpha = NaN, a = NaN, b = NaN } = last.parameters;
    last = fitBetaGeometric(data, k, chances, onStep, [r, (alpha * (k - 1)) / k, a, b]);
    if (last.logLikelihood > best.logLikelihood) [best, bestK] = [last, k];
  }
  const atMax: FitWarning = { code: "REGULARITY_AT_MAX", message: `ln L still rose at k = ${REGULARITY_MAX}` };
  // The last word is a search from all starts: the one along k had but one.
  const again = fitBetaGeometric(data, bestK, chances, onStep);
  if (again.logLikelihood > best.logLikelihood) best = again;
  const { warnings } = best;
  return withRegularity({ ...best, warnings: bestK === REGULARITY_MAX ? [...warnings, atMax] : warnings }, bestK);
}

function withRegularity(fit: Estimate, k: number): Estimate {
  return { ...fit, parameters: { k, ...fit.parameters } };
}
