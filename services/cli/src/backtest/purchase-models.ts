import {
  type CustomerSummary,
  FitError,
  fitPurchaseModel,
  type PurchaseFit,
  type PurchaseModelName,
} from "@tidemark/models";
import { CommandFailed, exitCodes } from "../failure.ts";
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
): PurchaseFit {
  try {
    return fitPurchaseModel(modelNames[word], customers);
  } catch (error) {
    throw error instanceof FitError ? unfit(modelNames[word], error, calibrationDay) : error;
  }
}

/** What to do about data that cannot be fitted. */
export function unfit(model: string, error: FitError, calibrationDay: number): CommandFailed {
  const what = `${model} cannot be fitted to the purchases up to ${dateOf(calibrationDay)}: ${error.message}`;
  return new CommandFailed(exitCodes.usage, `${what}. ${advice(error)}`, { cause: error });
}

function advice({ code }: FitError): string {
  switch (code) {
    case "NO_REPEAT_PURCHASES":
      return (
        "A customer counts as buying again when he buys on a second day: take a file over a longer time, or a later " +
        "--calibrate-until; if each row has another customer, look at --customer-column"
      );
    case "TOO_FEW_CUSTOMERS":
      return "Take a file with more customers, or a later --calibrate-until";
    case "NO_MAXIMUM":
      return "Try another --model";
    default:
      return "Look at the file's times (--time-column, --time-format)";
  }
}
