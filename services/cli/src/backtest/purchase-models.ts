import {
  type CustomerSummary,
  fitPurchaseModel,
  type PurchaseFit,
  type PurchaseModelName,
  Unfittable,
} from "@tidemark/models";
import { CommandFailed, exitCodes } from "../failure.ts";
import { noProgress, type Progress } from "../import/progress.ts";
import { dateOf } from "./words.ts";

/** The purchase models by the words of `--model`, the plainer first. */
export const PURCHASE_MODELS = ["bg", "mbg", "pareto", "cnbdk"] as const;

export type PurchaseModelWord = (typeof PURCHASE_MODELS)[number];

export const modelNames: Readonly<Record<PurchaseModelWord, PurchaseModelName>> = {
  bg: "BG/NBD",
  mbg: "MBG/NBD",
  pareto: "Pareto/NBD",
  cnbdk: "MBG/CNBD-k",
};

/**
 * Fits a model to the customers of a calibration.
 * @throws CommandFailed (usage) that says what to do where the data cannot be fitted
 */
export function fitTo(
  word: PurchaseModelWord,
  customers: readonly CustomerSummary[],
  calibrationDay: number,
  progress: Progress = noProgress,
): PurchaseFit {
  try {
    return fitPurchaseModel(modelNames[word], customers, { onStep: stepsOf(`fitting ${modelNames[word]}`, progress) });
  } catch (error) {
    throw error instanceof Unfittable ? unfit(modelNames[word], error, calibrationDay) : error;
  } finally {
    progress.stop();
  }
}

/** Begins a stage of a search whose length nobody knows; to be called at each of its steps. */
export function stepsOf(stage: string, progress: Progress): () => void {
  progress.stage(stage, null, "steps");
  let steps = 0;
  return () => progress.update(++steps);
}

/** What to do about data that cannot be fitted. */
export function unfit(model: string, error: Unfittable, calibrationDay: number): CommandFailed {
  const what = `${model} cannot be fitted to the purchases up to ${dateOf(calibrationDay)}: ${error.message}`;
  return new CommandFailed(exitCodes.usage, `${what}. ${advice(error)}`, { cause: error });
}

function advice({ code }: Unfittable): string {
  switch (code) {
    case "NO_REPEAT_PURCHASES":
      return (
        "A customer counts as buying again when he buys on a second day: take a file over a longer time, or a later " +
        "--calibrate-until; if each row has another customer, look at --customer-column"
      );
    case "TOO_FEW_CUSTOMERS":
      return "Take a file with more customers, or a later --calibrate-until";
    case "NOBODY_LEFT":
      return "Take a file over a longer time, or look at --period-days: a payment is late after one period and a half";
    default:
      return "Try another --model";
  }
}
