import { bothSpans } from "./both-spans.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";
import type { SpanSums } from "./span-sums.ts";

/** What the customer brings and costs. */
export const CONTRIBUTION: readonly Indicator[] = [
  ...bothSpans({
    name: "revenue",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Purchases less refunds.",
    of: revenueOf,
  }),
  ...bothSpans({
    name: "margin",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Margin in the revenue: what events say of it, the model's rate on the rest.",
    of: (sums, view) => (hasBought(view) ? sums.marginMinor : null),
  }),
  ...bothSpans({
    name: "marginRate",
    family: "contribution",
    unit: "ratio",
    better: "higher",
    needs: ["purchases"],
    doc: "Margin to revenue.",
    of: (sums, view) => ratio(sums.marginMinor, revenueOf(sums, view)),
  }),
  ...bothSpans({
    name: "orders",
    family: "contribution",
    unit: "count",
    better: "higher",
    needs: ["purchases"],
    doc: "Purchases that stand.",
    of: (sums, view) => (hasBought(view) ? sums.orders : null),
  }),
  ...bothSpans({
    name: "averageOrderValue",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Gross spend to orders.",
    of: (sums) => ratio(sums.grossMinor, sums.orders),
  }),
  {
    name: "clv",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Customer lifetime value: the margin so far and the discounted margin expected over the value horizon.",
    value: clvOf,
  },
  {
    name: "expectedValue",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Discounted margin expected over the value horizon.",
    value: ({ score }) => score.value?.expectedMinor ?? null,
  },
  {
    name: "valueAtRisk",
    family: "contribution",
    unit: "minor",
    better: "lower",
    needs: ["purchases"],
    doc: "What would be lost if the customer left, times the probability of it.",
    value: ({ score }) => score.value?.atRiskMinor ?? null,
  },
];

export function hasBought({ profile }: CustomerView): boolean {
  return profile.purchaseDays > 0;
}

/** Net of refunds; null for a prospect. */
function revenueOf(sums: SpanSums, view: CustomerView): number | null {
  return hasBought(view) ? sums.grossMinor - sums.refundMinor : null;
}

function clvOf({ score }: CustomerView): number | null {
  return score.value === null ? null : score.value.realisedMinor + score.value.expectedMinor;
}
