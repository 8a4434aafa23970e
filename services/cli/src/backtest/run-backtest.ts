import { minorDigits } from "@tidemark/contracts";
import type { PurchaseFit } from "@tidemark/models";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import type { Settings } from "../settings.ts";
import { chooseModel, type ModelChoice } from "./choose-model.ts";
import {
  forecast,
  type Forecasts,
  type HoldOutScores,
  scoresOf,
  type ValueScores,
  valueScores,
} from "./hold-out-scores.ts";
import { observe, type ObservedCustomers } from "./observed-customers.ts";
import { holdOutWarning, horizonFor } from "./periods.ts";
import { fitTo, modelNames, type PurchaseModelWord } from "./purchase-models.ts";
import { type PurchaseFile, type PurchaseFileOptions, readPurchases } from "./read-purchases.ts";

/** The options of `backtest` that are no settings. */
export interface BacktestOptions extends PurchaseFileOptions {
  /** Days since 1970-01-01. */
  readonly calibrateUntil: number;
  readonly horizonDays?: number;
  readonly model: PurchaseModelWord | "auto";
}

/** A model fitted to the past and judged by what came after. */
export interface Backtest {
  readonly file: PurchaseFile;
  readonly calibrationDay: number;
  readonly horizonDays: number;
  readonly word: PurchaseModelWord;
  /** Null = the model was named. */
  readonly choice: ModelChoice | null;
  readonly fit: PurchaseFit;
  readonly observed: ObservedCustomers;
  readonly forecasts: Forecasts;
  readonly scores: HoldOutScores;
  readonly value: ValueScores;
  /** What a reader has to know, in words. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/** The result that `backtest --json` prints. */
export interface BacktestSummary extends HoldOutScores {
  readonly customers: number;
  readonly model: PurchaseModelWord;
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
  readonly topDecileValueShare: number | null;
  readonly seconds: number;
}

/**
 * Fits a model to the purchases up to a day and compares its forecasts with the days after.
 * @throws CommandFailed for a file, a day or data that it cannot be done with
 */
export async function runBacktest(
  path: string,
  options: BacktestOptions,
  settings: Settings,
  context: CommandContext,
): Promise<Backtest> {
  const { clock, signal } = context;
  const startedAt = clock.monotonic();
  const console = consoleOf(context);
  const { calibrateUntil: calibrationDay } = options;
  const file = await readPurchases(path, options, settings, context);
  const { days } = file;
  const horizonDays = horizonFor(days, calibrationDay, options.horizonDays);

  if (options.model === "auto") console.note("choosing a model");
  const choice = options.model === "auto" ? chooseModel(days, calibrationDay, horizonDays) : null;
  signal.throwIfAborted();
  const word = options.model === "auto" ? (choice?.word ?? "mbg") : options.model;
  const observed = observe(days, calibrationDay, horizonDays);
  console.note(`fitting ${modelNames[word]} to ${observed.customers.length} customers`);
  const fit = fitTo(word, observed.customers, calibrationDay);
  signal.throwIfAborted();
  const forecasts = forecast(fit, observed.customers, horizonDays);
  const scores = scoresOf(observed, forecasts);
  const value = valueScores(observed, forecasts, 10 ** minorDigits(file.currency));
  const late = holdOutWarning(days, calibrationDay, horizonDays);
  return {
    file,
    calibrationDay,
    horizonDays,
    word,
    choice,
    fit,
    observed,
    forecasts,
    scores,
    value,
    warnings: [
      ...fit.warnings.map(({ message }) => message),
      ...(value.value === null
        ? [`no ranking by value: ${value.because}`]
        : value.warnings.map((message) => `spend (Gamma-Gamma): ${message}`)),
      ...(late === null ? [] : [late]),
    ],
    seconds: Math.round(clock.monotonic() - startedAt) / 1000,
  };
}

export function backtestSummary({ observed, word, fit, scores, value, seconds }: Backtest): BacktestSummary {
  return {
    customers: observed.customers.length,
    baseRate: scores.baseRate,
    model: word,
    parameters: { ...fit.parameters },
    logLikelihood: fit.logLikelihood,
    mae: scores.mae,
    correlation: scores.correlation,
    auc: scores.auc,
    aucRecency: scores.aucRecency,
    brier: scores.brier,
    ece: scores.ece,
    logLoss: scores.logLoss,
    topDecileValueShare: value.value === null ? null : value.topDecileShare,
    seconds,
  };
}
