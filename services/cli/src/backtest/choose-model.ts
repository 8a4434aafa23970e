import { FitError, fitPurchaseModel, logLoss } from "@tidemark/models";
import { CommandFailed, exitCodes } from "../failure.ts";
import { silences } from "./hold-out-scores.ts";
import { observe } from "./observed-customers.ts";
import { modelNames, PURCHASE_MODELS, type PurchaseModelWord, unfit } from "./purchase-models.ts";
import type { PurchaseDays } from "./purchase-days.ts";
import { counted, dateOf } from "./words.ts";

/** A model chosen, and by what. */
export interface ModelChoice {
  readonly word: PurchaseModelWord;
  /** The models were fitted up to this day, and judged by the days after it. */
  readonly innerDay: number;
  readonly innerDays: number;
  readonly customers: number;
  /** Log loss of the silence in these days; null = the model could not be fitted to what was before. */
  readonly losses: readonly { readonly word: PurchaseModelWord; readonly logLoss: number | null }[];
}

/**
 * The model with the best log loss of silence out of time, on a window cut from the end of the calibration: as long as the hold-out, or
 * a third of the calibration if that is less. What comes after the calibration is never looked at.
 * @throws CommandFailed (usage) where the calibration is too short for it, or no model can be fitted
 */
export function chooseModel(days: PurchaseDays, calibrationDay: number, horizonDays: number): ModelChoice {
  const innerDays = Math.min(horizonDays, Math.floor((calibrationDay + 1 - days.firstDay) / WINDOW_SHARE));
  if (innerDays < 1) {
    throw new CommandFailed(
      exitCodes.usage,
      `--model auto needs a calibration of at least ${WINDOW_SHARE} days; name a model, or take a later --calibrate-until`,
    );
  }
  const innerDay = calibrationDay - innerDays;
  const step = Math.ceil(days.customers / CHOICE_CUSTOMERS_MAX);
  const observed = observe(everyNth(days, step), innerDay, innerDays);
  const failures: FitError[] = [];
  const losses = PURCHASE_MODELS.map((word) => {
    try {
      const fit = fitPurchaseModel(modelNames[word], observed.customers);
      return { word, logLoss: logLoss(observed.silent, silences(fit, observed.customers, innerDays)) };
    } catch (error) {
      if (!(error instanceof FitError)) throw error;
      failures.push(error);
      return { word, logLoss: null };
    }
  });
  let best: { readonly word: PurchaseModelWord; readonly logLoss: number } | null = null;
  for (const { word, logLoss: loss } of losses) {
    // The plainer model, which comes first, wins where a richer one is no better.
    if (loss !== null && (best === null || loss < best.logLoss - LOSS_SAME)) best = { word, logLoss: loss };
  }
  if (best === null) {
    const [failure] = failures;
    throw failure === undefined ? new Error("no model was tried") : unfit("any of the models", failure, innerDay);
  }
  return { word: best.word, innerDay, innerDays, customers: observed.customers.length, losses };
}

const WINDOW_SHARE = 3;
/** Of a larger file every n-th customer is looked at: enough to tell the models apart, and the richest takes its time. */
const CHOICE_CUSTOMERS_MAX = 10_000;
const LOSS_SAME = 1e-6;

function everyNth(days: PurchaseDays, step: number): PurchaseDays {
  return { ...days, customers: Math.ceil(days.customers / step), of: (customer) => days.of(customer * step) };
}

/** Which model was chosen and why, for a person. */
export function choiceLines({ word, innerDay, innerDays, customers, losses }: ModelChoice): string[] {
  const each = losses.map(({ word: one, logLoss: loss }) => `${one} ${loss === null ? "no fit" : loss.toFixed(4)}`);
  return [
    `auto chose ${word}: of all models fitted up to ${dateOf(innerDay)} it has the least log loss of silence in the`,
    `${counted(innerDays)} days after, which end with the calibration (${counted(customers)} customers): ${each.join(", ")}`,
  ];
}
