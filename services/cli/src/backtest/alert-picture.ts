import { wilsonInterval } from "@tidemark/models";
import { outcomeChart } from "../charts/outcome-chart.ts";
import { modelNames } from "./purchase-models.ts";
import type { AlertBacktest } from "./run-alert-backtest.ts";
import { counted, dateOf } from "./words.ts";

/** The picture of a backtest of alerts, by file name: who fell silent, alerted or not. */
export function alertPictures(backtest: AlertBacktest): Record<"alerts.svg", string> {
  const { file, calibrationDay, weeks, horizonDays, looks } = backtest;
  const until = dateOf(calibrationDay + 7 * weeks);
  return {
    "alerts.svg": outcomeChart({
      title: `Who buys nothing in the ${counted(horizonDays)} days after a look`,
      subtitle: `${counted(weeks)} weeks to ${until}, ${modelNames.mbg} fitted up to ${dateOf(calibrationDay)}: ${file.name}`,
      value: "share that stayed silent",
      group: "band of churn",
      series: ["below the band", "alerted: it was crossed this week"],
      groups: looks.bands.map(({ band, below, alerted }) => ({
        label: String(band),
        outcomes: [below, alerted].map(({ silent, bought }) => ({
          share: silent / (silent + bought),
          of: silent + bought,
          ...wilsonInterval(silent, silent + bought),
        })),
      })),
    }),
  };
}
