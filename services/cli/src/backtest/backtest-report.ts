import { topValueShare } from "@tidemark/models";
import { choiceLines } from "./choose-model.ts";
import { sinceLast, spentBefore, TOP_SHARE } from "./hold-out-scores.ts";
import { parameterLines } from "./parameter-lines.ts";
import { modelNames } from "./purchase-models.ts";
import type { Backtest } from "./run-backtest.ts";
import { counted, dateOf, figure, known, percent, table } from "./words.ts";

/** The report of a backtest, for a person. */
export function backtestReport(backtest: Backtest): string {
  const { file, calibrationDay, horizonDays, word, choice, fit, observed, warnings, seconds } = backtest;
  const { customers } = observed;
  const repeaters = customers.filter(({ x }) => x > 0).length;
  return [
    `${file.name}: ${modelNames[word]} (${word}), fitted to the past and held against what came after`,
    "",
    `calibration  ${dateOf(file.days.firstDay)} to ${dateOf(calibrationDay)}: ${counted(customers.length)} customers, ${counted(repeaters)} of whom bought again`,
    `hold-out     ${dateOf(calibrationDay + 1)} to ${dateOf(calibrationDay + horizonDays)}: ${counted(horizonDays)} days, in which ${percent(backtest.scores.baseRate)} of them bought`,
    `rows         ${rowsLine(backtest)}`,
    ...(choice === null ? [] : ["", ...choiceLines(choice)]),
    "",
    "Parameters (time in weeks)",
    ...parameterLines(fit),
    "",
    ...silenceLines(backtest),
    "",
    ...purchaseLines(backtest),
    ...valueLines(backtest),
    ...(warnings.length === 0 ? [] : ["", ...warnings.map(({ message }) => `Note: ${message}`)]),
    "",
    `${seconds.toFixed(1)} s`,
  ].join("\n");
}

function rowsLine({ file }: Backtest): string {
  const parts = [
    `${counted(file.rows)} read`,
    ...(file.refunds > 0 ? [`${counted(file.refunds)} refunds, which are no purchases`] : []),
    ...(file.rejected > 0 ? [`${counted(file.rejected)} rejected`] : []),
  ];
  return parts.join(", ");
}

function silenceLines({ scores }: Backtest): string[] {
  const { auc, aucRecency, brier, ece, logLoss, baseRate } = scores;
  const uncertainty = baseRate * (1 - baseRate);
  const entropy = uncertainty === 0 ? 0 : -baseRate * Math.log(baseRate) - (1 - baseRate) * Math.log(1 - baseRate);
  return [
    "Who stays silent in the hold-out",
    ...table([
      ["", "model", "recency alone", "base rate alone"],
      ["AUC (1 best)", figure(auc), figure(aucRecency), figure(0.5)],
      ["Brier score (0 best)", figure(brier), "", figure(uncertainty)],
      ["log loss (0 best)", figure(logLoss), "", figure(entropy)],
      ["calibration error, ECE (0 best)", figure(ece), "", ""],
    ]),
    verdict(auc, aucRecency),
  ];
}

/** Whether the model is worth more than looking at who bought last. */
function verdict(auc: number | null, aucRecency: number | null): string {
  if (auc === null || aucRecency === null) return "There is nothing to rank: all did the same.";
  if (auc > aucRecency + AUC_SAME) return "The model ranks better than the time since the last purchase alone.";
  if (auc < aucRecency - AUC_SAME) {
    return "The time since the last purchase alone ranks better; what the model adds is probabilities and values.";
  }
  return "The model ranks as well as the time since the last purchase alone; what it adds is probabilities and values.";
}

/** Differences below this are not worth a sentence. */
const AUC_SAME = 0.005;

function purchaseLines({ scores, observed, forecasts }: Backtest): string[] {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return [
    "Purchase days in the hold-out",
    ...table([
      ["expected in all, and actual", sum(forecasts.purchases).toFixed(1), counted(sum(observed.purchases))],
      ["mean absolute error a customer", figure(scores.mae), ""],
      ["correlation", figure(scores.correlation), ""],
    ]),
  ];
}

function valueLines({ observed, value }: Backtest): string[] {
  if (value.value === null) return [];
  const { customers, spend } = observed;
  const share = (scores: Float64Array): string => percent(known(topValueShare(spend, scores, TOP_SHARE)));
  return [
    "",
    "Share of the hold-out's revenue of the 10 % of customers ranked first",
    ...table([
      ["by the model's value (expected purchases × Gamma-Gamma)", percent(value.topDecileShare)],
      ["by spend so far", share(spentBefore(customers))],
      ["by recency", share(sinceLast(customers).map((weeks) => -weeks))],
      ["by hindsight", share(spend)],
    ]),
  ];
}
