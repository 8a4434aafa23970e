import { fitSbg, type FitWarning, type PurchaseFit, type SbgFit, Unfittable } from "@tidemark/models";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { progressOf } from "../import/progress.ts";
import type { Settings } from "@tidemark/installation";
import { calibrated } from "./observed-customers.ts";
import { checkCalibration } from "./periods.ts";
import { fitTo, modelNames, type PurchaseModelWord, unfit } from "./purchase-models.ts";
import { type PurchaseFile, type PurchaseFileOptions, readPurchases } from "./read-purchases.ts";
import { medianGap, type Renewals, renewalsOf } from "./renewals.ts";
import { counted, dateOf, known } from "./words.ts";

/** The options of `fit` that are no settings. */
export interface FitOptions extends PurchaseFileOptions {
  /** Days since 1970-01-01; the file's last day if absent. */
  readonly calibrateUntil?: number;
  readonly model: PurchaseModelWord | "sbg";
  /** Of the contracts, for sBG; the median time between purchases if absent. */
  readonly periodDays?: number;
}

/** A model fitted to a file. */
export type FileFit = {
  readonly file: PurchaseFile;
  readonly calibrationDay: number;
} & (
  | { readonly word: PurchaseModelWord; readonly fit: PurchaseFit; readonly renewals: null }
  | { readonly word: "sbg"; readonly fit: SbgFit; readonly renewals: Renewals }
);

/** The result that `fit --json` prints. */
export interface FitSummary {
  readonly model: PurchaseModelWord | "sbg";
  readonly parameters: Readonly<Record<string, number>>;
  /** Null where the data do not determine the parameter. */
  readonly standardErrors: Readonly<Record<string, number | null>>;
  readonly logLikelihood: number;
  readonly customers: number;
  readonly converged: boolean;
  readonly warnings: readonly FitWarning[];
}

/** @throws CommandFailed for a file, a day or data that it cannot be done with */
export async function runFit(
  path: string,
  options: FitOptions,
  settings: Settings,
  context: CommandContext,
): Promise<FileFit> {
  const file = await readPurchases(path, options, settings, context);
  const { days } = file;
  const calibrationDay = Math.min(options.calibrateUntil ?? days.lastDay, days.lastDay);
  if (options.calibrateUntil !== undefined && options.calibrateUntil > days.lastDay) {
    throw new CommandFailed(
      exitCodes.usage,
      `--calibrate-until ${dateOf(options.calibrateUntil)} is after the file's last purchase (${dateOf(days.lastDay)}): ` +
        "leave it out to fit to the whole file",
    );
  }
  checkCalibration(days, calibrationDay);
  if (options.model === "sbg") {
    const periodDays = options.periodDays ?? medianGap(days, calibrationDay);
    if (periodDays === null) {
      throw new CommandFailed(
        exitCodes.usage,
        `nobody bought on a second day by ${dateOf(calibrationDay)}: the period of the contracts cannot be told; say it with --period-days`,
      );
    }
    const renewals = renewalsOf(days, calibrationDay, periodDays);
    return { file, calibrationDay, word: "sbg", fit: fitToRenewals(renewals, calibrationDay), renewals };
  }
  const customers = calibrated(days, calibrationDay);
  consoleOf(context).note(`fitting ${modelNames[options.model]} to ${counted(customers.length)} customers`);
  return {
    file,
    calibrationDay,
    word: options.model,
    fit: fitTo(options.model, customers, calibrationDay, progressOf(context)),
    renewals: null,
  };
}

function fitToRenewals({ cohorts }: Renewals, calibrationDay: number): SbgFit {
  try {
    return fitSbg(cohorts);
  } catch (error) {
    throw error instanceof Unfittable ? unfit("sBG", error, calibrationDay) : error;
  }
}

export function fitSummary({ word, fit }: FileFit): FitSummary {
  const { parameters, standardErrors, logLikelihood, customers, converged, warnings } = fit;
  return {
    model: word,
    parameters: { ...parameters },
    standardErrors: Object.fromEntries(Object.entries(standardErrors).map(([name, error]) => [name, known(error)])),
    logLikelihood,
    customers,
    converged,
    warnings,
  };
}
