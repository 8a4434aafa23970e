import { oddsRatio } from "@tidemark/models";
import type { BandTally } from "./alert-looks.ts";
import type { AlertBacktest, AlertBacktestWarning } from "./run-alert-backtest.ts";
import { dateOf, known } from "./words.ts";

/** The result that `backtest --alerts --json` prints. */
export interface AlertSummary {
  /** First and last day of the weeks. */
  readonly from: string;
  readonly to: string;
  readonly weeks: number;
  readonly horizonDays: number;
  /** Who bought by the calibration day. */
  readonly customers: number;
  /** Repeat buyers of the last year, on average over the weeks. */
  readonly repeatBuyers: number;
  readonly currency: string;
  /** Their value at risk at the last look; null = not known. */
  readonly atRiskMinor: number | null;
  readonly bands: readonly BandFigures[];
  readonly model: "mbg";
  readonly parameters: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly warnings: readonly AlertBacktestWarning[];
}

export interface BandFigures {
  readonly band: number;
  readonly alerts: number;
  readonly alertsPerWeek: number;
  readonly alertsByWeek: readonly number[];
  /** Of the repeat buyers of the last year, in a week. */
  readonly alertedShare: number;
  /** Of those alerted; null = nobody was. */
  readonly silentAlerted: number | null;
  /** Of those below the band; null = nobody was. */
  readonly silentBelow: number | null;
  readonly oddsRatio: number | null;
  /** 95 %. */
  readonly oddsRatioInterval: readonly [number, number] | null;
  readonly backWithinWeek: number;
  /** A mean; null = there is no value, or no alert. */
  readonly atRiskMinorPerAlert: number | null;
  /** Share of the value at risk at the last look. */
  readonly atRiskCovered: number | null;
}

export function alertSummary({
  file,
  calibrationDay,
  weeks,
  horizonDays,
  fit,
  looks,
  hasValue,
  warnings,
  seconds,
}: AlertBacktest): AlertSummary {
  return {
    from: dateOf(calibrationDay + 1),
    to: dateOf(calibrationDay + 7 * weeks),
    weeks,
    horizonDays,
    customers: fit.customers,
    repeatBuyers: looks.looks / weeks,
    currency: file.currency,
    atRiskMinor: hasValue ? looks.atRiskMinor : null,
    bands: looks.bands.map((tally) => bandFigures(tally, looks, weeks, hasValue)),
    model: "mbg",
    parameters: { ...fit.parameters },
    seconds,
    warnings,
  };
}

function bandFigures(
  { band, alerted, below, backWithinWeek, alertsByWeek, alertedAtRiskMinor, coveredMinor }: BandTally,
  { looks, atRiskMinor }: AlertBacktest["looks"],
  weeks: number,
  hasValue: boolean,
): BandFigures {
  const alerts = alerted.silent + alerted.bought;
  const { ratio, lower, upper } = oddsRatio(
    { yes: alerted.silent, no: alerted.bought },
    { yes: below.silent, no: below.bought },
  );
  return {
    band,
    alerts,
    alertsPerWeek: alerts / weeks,
    alertsByWeek,
    alertedShare: looks === 0 ? 0 : alerts / looks,
    silentAlerted: known(alerted.silent / alerts),
    silentBelow: known(below.silent / (below.silent + below.bought)),
    oddsRatio: known(ratio),
    oddsRatioInterval: Number.isFinite(ratio) ? [lower, upper] : null,
    backWithinWeek,
    atRiskMinorPerAlert: hasValue ? known(Math.round(alertedAtRiskMinor / alerts)) : null,
    atRiskCovered: hasValue ? known(coveredMinor / atRiskMinor) : null,
  };
}
