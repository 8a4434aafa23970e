import { frequencyChart } from "../charts/frequency-chart.ts";
import { trackingChart } from "../charts/tracking-chart.ts";
import { calibrated, WEEK } from "./observed-customers.ts";
import { modelNames } from "./purchase-models.ts";
import { purchaseFrequencies, trackedPurchases } from "./repeat-purchases.ts";
import type { FileFit } from "./run-fit.ts";
import { renewalFrequencies, trackedRenewals } from "./tracked-renewals.ts";
import { counted, dateOf } from "./words.ts";

/** The pictures of a fit, by file name. */
export function fitPictures(fitted: FileFit): Record<"tracking.svg" | "frequency.svg", string> {
  const { file, calibrationDay } = fitted;
  const { firstDay } = file.days;
  const subtitle = subtitleOf(fitted);
  const what = fitted.word === "sbg" ? "Renewals" : "Repeat purchases";
  const [weeks, frequencies] =
    fitted.word === "sbg"
      ? [
          trackedRenewals(fitted.renewals, fitted.fit.parameters, firstDay, calibrationDay),
          renewalFrequencies(fitted.renewals, fitted.fit.parameters, calibrationDay),
        ]
      : [
          trackedPurchases(file.days, fitted.fit, calibrationDay),
          purchaseFrequencies(calibrated(file.days, calibrationDay), fitted.fit),
        ];
  const calibrationEnd = Math.round((calibrationDay - firstDay + 1) / WEEK);
  return {
    "tracking.svg": trackingChart({ title: `${what} by week, actual and expected`, subtitle, weeks, calibrationEnd }),
    "frequency.svg": frequencyChart({
      title: `Customers by ${what.toLowerCase()}, actual and expected`,
      subtitle,
      frequencies,
    }),
  };
}

function subtitleOf({ file, word, fit, calibrationDay }: FileFit): string {
  const model = word === "sbg" ? "sBG" : modelNames[word];
  return `${model} fitted up to ${dateOf(calibrationDay)}, ${counted(fit.customers)} customers: ${file.name}`;
}
