import { calibrationCurve, gainCurve } from "@tidemark/models";
import { calibrationChart } from "../charts/calibration-chart.ts";
import { gainChart } from "../charts/gain-chart.ts";
import { sinceLast, spentBefore } from "./hold-out-scores.ts";
import { modelNames } from "./purchase-models.ts";
import type { Backtest } from "./run-backtest.ts";
import { counted, dateOf } from "./words.ts";

/** The pictures of a backtest, by file name. */
export function backtestPictures(backtest: Backtest): Record<"calibration.svg" | "lift.svg", string> {
  return { "calibration.svg": calibration(backtest), "lift.svg": lift(backtest) };
}

function calibration(backtest: Backtest): string {
  const { observed, forecasts, horizonDays } = backtest;
  return calibrationChart({
    title: "Who stays silent: predicted and come true",
    subtitle: subtitle(backtest),
    event: `no purchase in ${counted(horizonDays)} days`,
    bins: calibrationCurve(observed.silent, forecasts.silence),
    predictions: forecasts.silence,
  });
}

/** Of revenue; where the file has none in the hold-out, of purchase days. */
function lift(backtest: Backtest): string {
  const { observed, forecasts, value, horizonDays } = backtest;
  const { customers, spend, purchases } = observed;
  const hasRevenue = spend.some((amount) => amount > 0);
  const captured = hasRevenue ? spend : purchases;
  const scores: readonly (readonly [string, Float64Array])[] = [
    value.value === null ? ["expected purchases", forecasts.purchases] : ["the model's value", value.value],
    ["recency", sinceLast(customers).map((weeks) => -weeks)],
    ["spend so far", spentBefore(customers)],
  ];
  return gainChart({
    title: "What the customers ranked first bring",
    subtitle: subtitle(backtest),
    value: `${hasRevenue ? "the revenue" : "all purchase days"} of the next ${counted(horizonDays)} days`,
    rankings: scores.map(([name, ranked]) => ({ name, groups: gainCurve(captured, ranked) })),
  });
}

function subtitle({ file, word, calibrationDay, observed }: Backtest): string {
  return `${modelNames[word]} fitted up to ${dateOf(calibrationDay)}, ${counted(observed.customers.length)} customers: ${file.name}`;
}
