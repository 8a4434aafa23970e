import { minorDigits } from "@tidemark/contracts";
import { type AlertSummary, alertSummary, type BandFigures } from "./alert-summary.ts";
import { parameterLines } from "./parameter-lines.ts";
import { modelNames } from "./purchase-models.ts";
import type { AlertBacktest } from "./run-alert-backtest.ts";
import { counted, dateOf, percent, table } from "./words.ts";

/** The report of a backtest of alerts, for a person. */
export function alertReport(backtest: AlertBacktest): string {
  const { file, calibrationDay, horizonDays, fit, warnings, seconds } = backtest;
  const summary = alertSummary(backtest);
  return [
    `${file.name}: churn alerts, week by week, and what came of those they were about`,
    "",
    `calibration  ${dateOf(file.days.firstDay)} to ${dateOf(calibrationDay)}: ${counted(summary.customers)} customers, ${modelNames.mbg}`,
    `weeks        ${summary.from} to ${summary.to}: ${counted(summary.weeks)}, each with the ${counted(horizonDays)} days after it`,
    `looked at    ${counted(Math.round(summary.repeatBuyers))} repeat buyers of the last year, on average a week`,
    "",
    "Parameters (time in weeks)",
    ...parameterLines(fit),
    "",
    `Alerts: the probability to buy nothing in ${counted(horizonDays)} days rises through a band`,
    ...table([["band", ...summary.bands.map(({ band }) => String(band))], ...alertRows(summary)]),
    "",
    `Silent for the next ${counted(horizonDays)} days`,
    ...table([["band", ...summary.bands.map(({ band }) => String(band))], ...silenceRows(summary)]),
    ...summary.bands.flatMap(verdict),
    ...valueLines(summary),
    ...(warnings.length === 0 ? [] : ["", ...warnings.map(({ message }) => `Note: ${message}`)]),
    "",
    `${seconds.toFixed(1)} s`,
  ].join("\n");
}

function alertRows({ bands }: AlertSummary): string[][] {
  return [
    ["alerts a week", ...bands.map(({ alertsPerWeek }) => alertsPerWeek.toFixed(1))],
    ["of the repeat buyers, a week", ...bands.map(({ alertedShare }) => percent(alertedShare))],
    ["least and most in a week", ...bands.map(({ alertsByWeek }) => range(alertsByWeek))],
    ["in all, back within the week", ...bands.map(({ backWithinWeek }) => counted(backWithinWeek))],
  ];
}

function silenceRows({ bands }: AlertSummary): string[][] {
  return [
    ["of those alerted", ...bands.map(({ silentAlerted }) => percent(silentAlerted))],
    ["of those below the band", ...bands.map(({ silentBelow }) => percent(silentBelow))],
    ["odds ratio", ...bands.map(({ oddsRatio }) => oddsRatio?.toFixed(2) ?? "–")],
    ["  95 % of", ...bands.map(({ oddsRatioInterval }) => ratioRange(oddsRatioInterval))],
  ];
}

/** Whether an alert says anything, where that is not plain. */
function verdict({ band, oddsRatioInterval }: BandFigures): string[] {
  if (oddsRatioInterval === null || oddsRatioInterval[0] > 1) return [];
  return [`At ${band} those alerted are not surely more often silent than those below it.`];
}

function valueLines({ atRiskMinor, bands, currency }: AlertSummary): string[] {
  if (atRiskMinor === null) return [];
  const money = (minor: number | null): string =>
    minor === null ? "–" : counted(Number((minor / 10 ** minorDigits(currency)).toFixed(0)));
  return [
    "",
    `Value at risk, ${currency} (${money(atRiskMinor)} of all repeat buyers at the end of the last week)`,
    ...table([
      ["band", ...bands.map(({ band }) => String(band))],
      ["an alert, on average", ...bands.map(({ atRiskMinorPerAlert }) => money(atRiskMinorPerAlert))],
      ["of it, of customers alerted", ...bands.map(({ atRiskCovered }) => percent(atRiskCovered))],
    ]),
  ];
}

function range(counts: readonly number[]): string {
  return `${counted(Math.min(...counts))}–${counted(Math.max(...counts))}`;
}

function ratioRange(interval: readonly [number, number] | null): string {
  return interval === null ? "–" : `${interval[0].toFixed(2)}–${interval[1].toFixed(2)}`;
}
