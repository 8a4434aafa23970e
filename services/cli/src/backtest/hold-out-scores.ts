import {
  areaUnderCurve,
  brierScore,
  createPurchaseModel,
  type CustomerSummary,
  expectedCalibrationError,
  type FitWarning,
  fitGammaGamma,
  gammaGammaMean,
  logLoss,
  meanAbsoluteError,
  pearsonCorrelation,
  type PurchaseModelSpec,
  topValueShare,
  Unfittable,
} from "@tidemark/models";
import { noProgress, type Progress } from "../import/progress.ts";
import { type ObservedCustomers, WEEK } from "./observed-customers.ts";
import { stepsOf } from "./purchase-models.ts";
import { known } from "./words.ts";

/** What a model says of each customer's hold-out. */
export interface Forecasts {
  /** P(no purchase), clipped to [1e-9, 1 − 1e-9]. */
  readonly silence: Float64Array;
  /** Expected purchase days. */
  readonly purchases: Float64Array;
}

/** Forecasts of the days after a calibration. */
export function forecast(
  spec: PurchaseModelSpec,
  customers: readonly CustomerSummary[],
  horizonDays: number,
): Forecasts {
  const model = createPurchaseModel(spec);
  const horizon = horizonDays / WEEK;
  return {
    silence: Float64Array.from(customers, ({ x, tx, T }) => clipped(model.silence(x, tx, T, horizon))),
    purchases: Float64Array.from(customers, ({ x, tx, T }) => model.expectedPurchases(x, tx, T, horizon)),
  };
}

/** P(no purchase in the days after a calibration) of each customer, clipped as in {@link forecast}. */
export function silences(
  spec: PurchaseModelSpec,
  customers: readonly CustomerSummary[],
  horizonDays: number,
): Float64Array {
  const model = createPurchaseModel(spec);
  return Float64Array.from(customers, ({ x, tx, T }) => clipped(model.silence(x, tx, T, horizonDays / WEEK)));
}

/** So that the log loss stays finite. */
const CLIP = 1e-9;

function clipped(probability: number): number {
  return Math.max(CLIP, Math.min(1 - CLIP, probability));
}

/** How well the forecasts were; null where the data have no answer (nobody bought, say). */
export interface HoldOutScores {
  /** Share of the customers that bought. */
  readonly baseRate: number;
  /** Expected against actual purchase days. */
  readonly mae: number;
  readonly correlation: number | null;
  /** Of the probability of silence. */
  readonly auc: number | null;
  readonly brier: number;
  readonly ece: number;
  readonly logLoss: number;
  /** The baseline: of the time since the last purchase, T − tx. */
  readonly aucRecency: number | null;
}

export function scoresOf({ customers, purchases, silent }: ObservedCustomers, forecasts: Forecasts): HoldOutScores {
  const bought = silent.reduce((count, isSilent) => count + 1 - isSilent, 0);
  return {
    baseRate: bought / customers.length,
    mae: meanAbsoluteError(purchases, forecasts.purchases),
    correlation: known(pearsonCorrelation(purchases, forecasts.purchases)),
    auc: known(areaUnderCurve(silent, forecasts.silence)),
    brier: brierScore(silent, forecasts.silence),
    ece: expectedCalibrationError(silent, forecasts.silence),
    logLoss: logLoss(silent, forecasts.silence),
    aucRecency: known(areaUnderCurve(silent, sinceLast(customers))),
  };
}

/** T − tx of each customer, weeks. */
export function sinceLast(customers: readonly CustomerSummary[]): Float64Array {
  return Float64Array.from(customers, ({ tx, T }) => T - tx);
}

/** What customers spent up to the calibration, minor units. */
export function spentBefore(customers: readonly CustomerSummary[]): Float64Array {
  return Float64Array.from(customers, ({ firstSpend, repeatSpend }) => firstSpend + repeatSpend);
}

/** Customers ranked by value: expected purchases × expected value of a purchase (Gamma-Gamma). */
export type ValueScores =
  | {
      /** Expected spend in the hold-out, minor units. */
      readonly value: Float64Array;
      readonly parameters: Readonly<Record<string, number>>;
      readonly warnings: readonly FitWarning[];
      /** Share of the hold-out's spend that the tenth of the customers with the highest value made; null = nobody spent. */
      readonly topDecileShare: number | null;
    }
  /** Why there are none, in words. */
  | { readonly value: null; readonly because: string };

export function valueScores(
  { customers, spend }: ObservedCustomers,
  { purchases }: Forecasts,
  minorPerUnit: number,
  progress: Progress = noProgress,
): ValueScores {
  try {
    const fit = fitGammaGamma(
      customers.map(({ x, repeatSpend }) => ({ x, m: x === 0 ? 0 : repeatSpend / minorPerUnit / x })),
      { onStep: stepsOf("fitting Gamma-Gamma", progress) },
    );
    const value = Float64Array.from(
      customers,
      ({ x, repeatSpend }, i) =>
        (purchases[i] ?? Number.NaN) * gammaGammaMean(fit.parameters, x, repeatSpend / minorPerUnit) * minorPerUnit,
    );
    if (!value.every(Number.isFinite)) return { value: null, because: "the population has no mean spend (q ≤ 1)" };
    return {
      value,
      parameters: fit.parameters,
      warnings: fit.warnings,
      topDecileShare: known(topValueShare(spend, value, TOP_SHARE)),
    };
  } catch (error) {
    if (!(error instanceof Unfittable)) throw error;
    const because =
      error.code === "TOO_FEW_CUSTOMERS"
        ? `fewer than ${SPENDERS_MIN} customers bought again and spent something`
        : error.message;
    return { value: null, because };
  } finally {
    progress.stop();
  }
}

export const TOP_SHARE = 0.1;
/** Below this many Gamma-Gamma is not fitted. */
const SPENDERS_MIN = 10;
