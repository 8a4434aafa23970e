import { fitPurchaseModel, logLoss, Unfittable } from "@tidemark/models";
import { noProgress, type Progress } from "../import/progress.ts";
import { silences } from "./hold-out-scores.ts";
import { observe } from "./observed-customers.ts";
import type { PurchaseDays } from "./purchase-days.ts";
import { modelNames, PURCHASE_MODELS, type PurchaseModelWord, stepsOf } from "./purchase-models.ts";
import { counted, dateOf } from "./words.ts";

/** A model chosen, and by what. */
export interface ModelChoice {
  readonly word: PurchaseModelWord;
  /** The models were fitted up to this day, and judged by the days after it. */
  readonly innerDay: number;
  readonly innerDays: number;
  readonly customers: number;
  /** Log loss of the silence in these days. */
  readonly losses: readonly TriedModel[];
}

/** How a model did in the window, or why it could not be fitted to what was before. */
export type TriedModel = { readonly word: PurchaseModelWord } & (
  | { readonly logLoss: number }
  | { readonly logLoss: null; readonly because: string }
);

/**
 * The model with the best log loss of silence out of time, on a window cut from the end of the calibration: as long as the hold-out, or
 * a third of the calibration if that is less. What comes after the calibration is never looked at. A model that cannot be fitted to what
 * is before the window is left out; where none can, the plain choice of `fit` stands, which may have enough in the whole calibration.
 */
export function chooseModel(
  days: PurchaseDays,
  calibrationDay: number,
  horizonDays: number,
  progress: Progress = noProgress,
): ModelChoice {
  const innerDays = Math.min(horizonDays, Math.floor((calibrationDay + 1 - days.firstDay) / WINDOW_SHARE));
  const innerDay = calibrationDay - innerDays;
  const step = Math.ceil(days.customers / CHOICE_CUSTOMERS_MAX);
  const observed = observe(everyNth(days, step), innerDay, innerDays);
  const losses = PURCHASE_MODELS.map((word): TriedModel => {
    if (innerDays < 1) return { word, logLoss: null, because: `the calibration has fewer than ${WINDOW_SHARE} days` };
    try {
      const onStep = stepsOf(`trying ${modelNames[word]}`, progress);
      const fit = fitPurchaseModel(modelNames[word], observed.customers, { onStep });
      return { word, logLoss: logLoss(observed.silent, silences(fit, observed.customers, innerDays)) };
    } catch (error) {
      if (!(error instanceof Unfittable)) throw error;
      return { word, logLoss: null, because: error.message };
    } finally {
      progress.stop();
    }
  });
  let best: { readonly word: PurchaseModelWord; readonly logLoss: number } | null = null;
  for (const { word, logLoss: loss } of losses) {
    // The plainer model, which comes first, wins where a richer one is no better.
    if (loss !== null && (best === null || loss < best.logLoss - LOSS_SAME)) best = { word, logLoss: loss };
  }
  return { word: best?.word ?? UNTRIED, innerDay, innerDays, customers: observed.customers.length, losses };
}

const WINDOW_SHARE = 3;
/** Of a larger file every n-th customer is looked at: enough to tell the models apart, and the richest takes its time. */
const CHOICE_CUSTOMERS_MAX = 10_000;
const LOSS_SAME = 1e-6;
/** As `fit` takes it unless told. */
const UNTRIED: PurchaseModelWord = "mbg";

function everyNth(days: PurchaseDays, step: number): PurchaseDays {
  return { ...days, customers: Math.ceil(days.customers / step), of: (customer) => days.of(customer * step) };
}

/** Which model was chosen and why, for a person. */
export function choiceLines({ word, innerDay, innerDays, customers, losses }: ModelChoice): string[] {
  const tried = losses.flatMap(({ word: one, logLoss: loss }) => (loss === null ? [] : [`${one} ${loss.toFixed(4)}`]));
  const leftOut = losses.flatMap((one) => (one.logLoss === null ? [`${one.word} is left out: ${one.because}`] : []));
  if (tried.length === 0) {
    const [reason = ""] = losses.flatMap((one) => (one.logLoss === null ? [one.because] : []));
    return [`auto took ${word} untried: no model can be fitted to the purchases up to ${dateOf(innerDay)} (${reason})`];
  }
  return [
    `auto chose ${word}: of all models fitted up to ${dateOf(innerDay)} it has the least log loss of silence in the`,
    `${innerDays === 1 ? "day" : `${counted(innerDays)} days`} after, which end with the calibration (${counted(customers)} customers): ${tried.join(", ")}`,
    ...leftOut,
  ];
}
