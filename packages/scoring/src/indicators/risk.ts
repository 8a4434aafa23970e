import type { CustomerView } from "./customer-view.ts";
import type { Indicator } from "./indicator.ts";

/** What may go wrong. */
export const RISK: readonly Indicator[] = [
  {
    name: "silence",
    family: "risk",
    unit: "share",
    better: "lower",
    needs: ["purchases"],
    doc: "Probability of no purchase within the churn horizon, by the purchase model alone.",
    value: silenceOf,
  },
  {
    name: "churn",
    family: "risk",
    unit: "share",
    better: "lower",
    needs: ["purchases"],
    doc: "Probability of no purchase within the churn horizon, complaints and engagement considered.",
    value: ({ score }) => score.churn,
  },
];

function silenceOf({ score }: CustomerView): number | null {
  return score.reasons.find(({ code }) => code === "SILENCE")?.params["probability"] ?? null;
}
