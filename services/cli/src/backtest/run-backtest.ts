import { minorDigits } from "@tidemark/contracts";
import type { FitWarning, PurchaseFit } from "@tidemark/models";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { progressOf } from "../import/progress.ts";
import type { Settings } from "@tidemark/installation";
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
import type { PurchaseDays } from "./purchase-days.ts";
import { type PurchaseFile, type PurchaseFileOptions, readPurchases } from "./read-purchases.ts";
import { counted } from "./words.ts";

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
  readonly warnings: readonly BacktestWarning[];
  readonly seconds: number;
}

/** What a reader has to know about a backtest: what its fit says, and what its figures do not. */
export interface BacktestWarning {
  readonly code:
    | FitWarning["code"]
    /** The hold-out goes on after the file's last purchase. */
    | "HOLD_OUT_BEYOND_DATA"
    /** All were silent, or none was: there is no AUC. */
    | "ONE_OUTCOME"
    /** All bought as often, or all were expected to: there is no correlation. */
    | "NO_CORRELATION"
    /** There is no share of revenue. */
    | "NO_VALUE_RANKING";
  readonly message: string;
}

/** The result that `backtest --json` prints. */
export interface BacktestSummary extends HoldOutScores {
  readonly customers: number;
  readonly model: PurchaseModelWord;
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
  readonly topDecileValueShare: number | null;
  readonly seconds: number;
  readonly horizonDays: number;
  readonly warnings: readonly BacktestWarning[];
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
  const progress = progressOf(context);
  const choice = options.model === "auto" ? chooseModel(days, calibrationDay, horizonDays, progress) : null;
  signal.throwIfAborted();
  const word = choice?.word ?? (options.model === "auto" ? "mbg" : options.model);
  const observed = observe(days, calibrationDay, horizonDays);
  console.note(`fitting ${modelNames[word]} to ${counted(observed.customers.length)} customers`);
  const fit = fitTo(word, observed.customers, calibrationDay, progress);
  signal.throwIfAborted();
  const forecasts = forecast(fit, observed.customers, horizonDays);
  const scores = scoresOf(observed, forecasts);
  const value = valueScores(observed, forecasts, 10 ** minorDigits(file.currency), progress);
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
      ...fit.warnings,
      ...scoreWarnings(scores),
      ...valueWarnings(value),
      ...holdOutWarnings(days, calibrationDay, horizonDays),
    ],
    seconds: Math.round(clock.monotonic() - startedAt) / 1000,
  };
}

function scoreWarnings({ auc, correlation, baseRate }: HoldOutScores): BacktestWarning[] {
  const said = baseRate === 0 ? "nobody bought in the hold-out" : "everybody bought in the hold-out";
  const alike = "purchase days, or those expected, are the same of all customers: there is no correlation";
  return [
    ...(auc === null ? [{ code: "ONE_OUTCOME" as const, message: `${said}: there is no AUC` }] : []),
    ...(correlation === null ? [{ code: "NO_CORRELATION" as const, message: alike }] : []),
  ];
}

function valueWarnings(value: ValueScores): BacktestWarning[] {
  const none = (because: string): BacktestWarning => ({
    code: "NO_VALUE_RANKING",
    message: `no ranking by value: ${because}`,
  });
  if (value.value === null) return [none(value.because)];
  return [
    ...value.warnings.map(({ code, message }) => ({ code, message: `spend (Gamma-Gamma): ${message}` })),
    ...(value.topDecileShare === null ? [none("nobody spent anything in the hold-out")] : []),
  ];
}

function holdOutWarnings(days: PurchaseDays, calibrationDay: number, horizonDays: number): BacktestWarning[] {
  const message = holdOutWarning(days, calibrationDay, horizonDays);
  return message === null ? [] : [{ code: "HOLD_OUT_BEYOND_DATA", message }];
}

export function backtestSummary(backtest: Backtest): BacktestSummary {
  const { observed, word, fit, scores, value, seconds, horizonDays, warnings } = backtest;
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
    horizonDays,
    warnings,
  };
}
