import { parameterLines } from "./parameter-lines.ts";
import { modelNames } from "./purchase-models.ts";
import type { FileFit } from "./run-fit.ts";
import { counted, dateOf } from "./words.ts";

/** What a fit found, for a person. */
export function fitReport(fitted: FileFit): string {
  const { file, calibrationDay, word, fit, renewals } = fitted;
  const name = word === "sbg" ? "sBG" : modelNames[word];
  const rows = [
    `${counted(file.rows)} rows`,
    ...(file.refunds > 0 ? [`${counted(file.refunds)} of them refunds, which are no purchases`] : []),
    ...(file.rejected > 0 ? [`${counted(file.rejected)} rejected`] : []),
  ];
  return [
    `${file.name}: ${name} (${word}), fitted to the purchases from ${dateOf(file.days.firstDay)} to ${dateOf(calibrationDay)} (${rows.join(", ")})`,
    "",
    word === "sbg" ? "Parameters (time in periods)" : "Parameters (time in weeks) ± standard errors",
    ...parameterLines(fit),
    ...(renewals === null ? [] : ["", ...renewalLines(fitted)]),
    "",
    fit.converged ? "The search converged." : "The search did not converge: take the parameters with care.",
    ...fit.warnings.map(({ message }) => `Note: ${message}`),
  ].join("\n");
}

function renewalLines({ renewals }: FileFit): string[] {
  if (renewals === null) return [];
  const { periodDays, contracts, returned } = renewals;
  const left = contracts.filter((contract) => contract.left).length;
  return [
    `A period is ${counted(periodDays)} days (--period-days). ${counted(left)} of ${counted(contracts.length)} customers left: half a period went by after a payment was due.`,
    ...(returned === 0 ? [] : [`${counted(returned)} came back later, which the model leaves out.`]),
  ];
}
