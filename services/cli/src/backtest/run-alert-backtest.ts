import { minorDigits } from "@tidemark/contracts";
import {
  type CustomerSummary,
  fitGammaGamma,
  type FitWarning,
  type GammaGammaParameters,
  type PurchaseFit,
  Unfittable,
} from "@tidemark/models";
import { createModel, defaultArtefact, fittedArtefact, type Hazard } from "@tidemark/scoring";
import { assert } from "@tidemark/streams";
import type { Settings } from "@tidemark/installation";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { progressOf } from "../import/progress.ts";
import { type AlertLooks, lookAtAlerts } from "./alert-looks.ts";
import { calibrated, WEEK } from "./observed-customers.ts";
import { checkCalibration } from "./periods.ts";
import type { PurchaseDays } from "./purchase-days.ts";
import { fitTo, modelNames } from "./purchase-models.ts";
import { type PurchaseFile, type PurchaseFileOptions, readPurchases } from "./read-purchases.ts";
import type { BacktestOptions } from "./run-backtest.ts";
import { counted, dateOf } from "./words.ts";

export interface AlertBacktestOptions extends PurchaseFileOptions, Pick<BacktestOptions, "calibrateUntil" | "model"> {
  /** Horizon of churn, and how long silence is waited for; 90 unless said. */
  readonly horizonDays?: number;
  /** Ascending. */
  readonly bands: readonly number[];
}

/** The alerts that the pipeline would have sent, and what became of those they were about. */
export interface AlertBacktest {
  readonly file: PurchaseFile;
  readonly calibrationDay: number;
  readonly weeks: number;
  readonly horizonDays: number;
  readonly fit: PurchaseFit;
  readonly looks: AlertLooks;
  /** False where Gamma-Gamma could not be fitted: there is no value at risk then. */
  readonly hasValue: boolean;
  readonly warnings: readonly AlertBacktestWarning[];
  readonly seconds: number;
}

export interface AlertBacktestWarning {
  readonly code:
    | FitWarning["code"]
    /** There is no value at risk. */
    | "NO_VALUE"
    /** Of a band: no odds ratio, since somebody silent or not, alerted or below, is missing. */
    | "NO_ODDS_RATIO";
  readonly message: string;
}

/**
 * Fits the pipeline's model to the purchases up to a day, and replays the weeks after it.
 * @throws CommandFailed for a file, a day, a model or data that it cannot be done with
 */
export async function runAlertBacktest(
  path: string,
  options: AlertBacktestOptions,
  settings: Settings,
  context: CommandContext,
): Promise<AlertBacktest> {
  const { clock, signal } = context;
  const startedAt = clock.monotonic();
  if (options.model !== "auto" && options.model !== "mbg") {
    throw new CommandFailed(
      exitCodes.usage,
      "alerts are those of the pipeline, which scores by mbg: leave --model out",
    );
  }
  const { calibrateUntil: calibrationDay, bands, horizonDays = HORIZON_DAYS } = options;
  const file = await readPurchases(path, options, settings, context);
  const weeks = weeksFor(file.days, calibrationDay, horizonDays);
  const customers = calibrated(file.days, calibrationDay);
  const progress = progressOf(context);
  consoleOf(context).note(`fitting ${modelNames.mbg} to ${counted(customers.length)} customers`);
  const fit = fitTo("mbg", customers, calibrationDay, progress);
  assert(fit.model === "MBG/NBD", "the model asked for is fitted");
  signal.throwIfAborted();
  const spend = fitSpend(customers, 10 ** minorDigits(file.currency));
  const { r, alpha, a, b } = fit.parameters;
  const defaults = defaultArtefact({
    currency: file.currency,
    timeZone: settings.TIDEMARK_TIME_ZONE ?? "UTC",
    churnHorizonDays: horizonDays,
  });
  const artefact = fittedArtefact(
    { ...defaults, hazard: SILENCE_ALONE },
    { purchases: { r, alpha, a, b }, spend: spend.parameters },
  );
  const looks = lookAtAlerts(file.days, { calibrationDay, weeks, horizonDays, bands }, createModel(artefact), progress);
  const hasValue = spend.parameters !== null;
  return {
    file,
    calibrationDay,
    weeks,
    horizonDays,
    fit,
    looks,
    hasValue,
    warnings: [...fit.warnings, ...spend.warnings, ...oddsWarnings(looks)],
    seconds: Math.round(clock.monotonic() - startedAt) / 1000,
  };
}

/** What the file is to show is fitted to it; what the pipeline adds to silence is not, and is of events that no such file has. */
const SILENCE_ALONE: Hazard = { intercept: 0, complaintOpen: 0, complaintSteps: [], engagement: 0 };

/** As an installation has it unless told. */
const HORIZON_DAYS = 90;

/**
 * Whole weeks after the calibration of which the file knows what came in the horizon after.
 * @throws CommandFailed (usage) where there is none
 */
function weeksFor(days: PurchaseDays, calibrationDay: number, horizonDays: number): number {
  checkCalibration(days, calibrationDay);
  const weeks = Math.floor((days.lastDay - calibrationDay - horizonDays) / WEEK);
  if (weeks >= 1) return weeks;
  const latest = days.lastDay - horizonDays - WEEK;
  const advice =
    latest < days.firstDay
      ? "take a file over a longer time, or fewer --horizon-days"
      : `try --calibrate-until ${dateOf(latest)} or before`;
  throw new CommandFailed(
    exitCodes.usage,
    `a week and the ${counted(horizonDays)} days after it are looked at from ${dateOf(calibrationDay + 1)} on, and the file's last purchase is of ${dateOf(days.lastDay)}; ${advice}`,
  );
}

interface SpendFit {
  readonly parameters: GammaGammaParameters | null;
  readonly warnings: readonly AlertBacktestWarning[];
}

function fitSpend(customers: readonly CustomerSummary[], minorPerMajor: number): SpendFit {
  const none = (because: string): SpendFit => ({
    parameters: null,
    warnings: [{ code: "NO_VALUE", message: `no value at risk: ${because}` }],
  });
  try {
    const { parameters, warnings } = fitGammaGamma(
      customers.map(({ x, repeatSpend }) => ({ x, m: x === 0 ? 0 : repeatSpend / minorPerMajor / x })),
    );
    const { p, q, v } = parameters;
    if (q <= 1) return none("the population has no mean spend (q ≤ 1)");
    const said = warnings.map(({ code, message }) => ({ code, message: `spend (Gamma-Gamma): ${message}` }));
    return { parameters: { p, q, v }, warnings: said };
  } catch (error) {
    if (!(error instanceof Unfittable)) throw error;
    return none(error.message);
  }
}

function oddsWarnings({ bands }: AlertLooks): AlertBacktestWarning[] {
  return bands
    .filter(({ alerted, below }) => Math.min(alerted.silent, alerted.bought, below.silent, below.bought) === 0)
    .map(({ band }) => ({
      code: "NO_ODDS_RATIO",
      message: `band ${band}: nobody alerted, or below it, who was silent, or who was not: there is no odds ratio`,
    }));
}
