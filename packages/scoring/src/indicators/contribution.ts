import { bothSpans } from "./both-spans.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";
import { relativeDeviation } from "./spread.ts";
import type { SpanSums } from "./span-sums.ts";

/** What the customer brings and costs. */
export const CONTRIBUTION: readonly Indicator[] = [
  ...bothSpans({
    name: "revenue",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Purchases less refunds.",
    of: revenueOf,
  }),
  ...bothSpans({
    name: "margin",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Margin in the revenue: what events say of it, the model's rate (by category where it tells them apart) on the rest.",
    of: (sums, view) => (hasBought(view) ? sums.marginMinor : null),
  }),
  ...bothSpans({
    name: "marginRate",
    steady: true,
    family: "contribution",
    unit: "ratio",
    better: "higher",
    needs: ["purchases"],
    doc: "Margin to revenue; unknown where that is not above 0.",
    of: (sums, view) => ratio(sums.marginMinor, revenueOf(sums, view)),
  }),
  ...bothSpans({
    name: "orders",
    steady: true,
    family: "contribution",
    unit: "count",
    better: "higher",
    needs: ["purchases"],
    doc: "Purchases that stand.",
    of: (sums, view) => (hasBought(view) ? sums.orders : null),
  }),
  ...bothSpans({
    name: "averageOrderValue",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "Gross spend to orders.",
    of: (sums) => ratio(sums.grossMinor, sums.orders),
  }),
  ...bothSpans({
    name: "costToServe",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "lower",
    needs: ["artefact.costToServe"],
    doc: "What the customer's events cost, by the artefact's cost of each kind and channel when they were applied.",
    of: ({ costMinor }) => costMinor,
  }),
  ...bothSpans({
    name: "profit",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases", "artefact.costToServe"],
    doc: "Margin less cost to serve.",
    of: profitOf,
  }),
  ...bothSpans({
    name: "lossMaking",
    steady: true,
    family: "contribution",
    unit: "flag",
    better: "lower",
    needs: ["purchases", "artefact.costToServe"],
    doc: "Whether the profit is below 0.",
    of: (sums, view) => {
      const profit = profitOf(sums, view);
      return profit === null ? null : Number(profit < 0);
    },
  }),
  {
    name: "spendVariation",
    steady: true,
    family: "contribution",
    unit: "ratio",
    better: "lower",
    needs: ["purchases"],
    doc: "Stability of contribution over the relationship: standard deviation to mean of the spend of the purchase days kept; unknown with fewer than two.",
    value: ({ days }) => relativeDeviation(days.map(({ amountMinor }) => amountMinor)),
  },
  {
    name: "profitVariation365",
    family: "contribution",
    unit: "ratio",
    better: "lower",
    needs: ["purchases"],
    doc: "Stability of profit: standard deviation to mean of the four quarters of the trailing year, margin where the cost to serve is not known; unknown until the first purchase is 364 days old, or without a profit.",
    value: ({ quarters }) =>
      quarters === null ? null : relativeDeviation(quarters.map((sums) => sums.marginMinor - (sums.costMinor ?? 0))),
  },
  ...bothSpans({
    name: "referralContribution",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["referrals", "artefact.referral"],
    doc: "Converted referrals times the artefact's margin of a new customer and the share credited for it.",
    of: ({ referralsConverted }, { model, lifetime }) => {
      const { referral } = model.artefact;
      if (referral === undefined || lifetime?.referralsConverted === 0) return null;
      return referralsConverted * referral.marginMajor * model.minorPerMajor * referral.share;
    },
  }),
  {
    name: "baseShare365",
    family: "contribution",
    unit: "share",
    better: "higher",
    needs: ["purchases", "artefact.base"],
    doc: "Revenue of the trailing year as a part of that of the whole base.",
    value: (view) => {
      const { base } = view.model.artefact;
      return base === undefined || view.year === null
        ? null
        : ratio(revenueOf(view.year, view), base.revenueMajor * view.model.minorPerMajor);
    },
  },
  {
    name: "abcClass",
    family: "contribution",
    unit: "level",
    better: "higher",
    needs: ["purchases", "artefact.base"],
    doc: "Class by the revenue of the trailing year and the base's cut-offs: 3 = A, 2 = B, 1 = C.",
    value: (view) => {
      const { base } = view.model.artefact;
      const revenue = view.year === null ? null : revenueOf(view.year, view);
      if (base === undefined || revenue === null) return null;
      const major = revenue / view.model.minorPerMajor;
      return major >= base.abcFromMajor.a ? 3 : major >= base.abcFromMajor.b ? 2 : 1;
    },
  },
  {
    name: "acquisitionCost",
    steady: true,
    family: "contribution",
    unit: "minor",
    better: "lower",
    needs: ["customer"],
    doc: "What winning the customer cost: what the customer record says, else the first purchase that says it.",
    value: acquisitionCostOf,
  },
  {
    name: "clv",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases", "contracts"],
    doc: "Customer lifetime value: the margin so far and the discounted margin expected over the value horizon.",
    value: clvOf,
  },
  {
    name: "clvToAcquisitionCost",
    family: "contribution",
    unit: "ratio",
    better: "higher",
    needs: ["purchases", "customer"],
    doc: "Customer lifetime value to acquisition cost.",
    value: (view) => ratio(clvOf(view), acquisitionCostOf(view)),
  },
  {
    name: "expectedValue",
    family: "contribution",
    unit: "minor",
    better: "higher",
    needs: ["purchases", "contracts"],
    doc: "Discounted margin expected over the value horizon.",
    value: ({ score }) => score.value?.expectedMinor ?? null,
  },
  {
    name: "valueAtRisk",
    family: "contribution",
    unit: "minor",
    better: "lower",
    needs: ["purchases", "contracts"],
    doc: "What would be lost if the customer left, times the probability of it.",
    value: ({ score }) => score.value?.atRiskMinor ?? null,
  },
];

export function hasBought({ profile }: CustomerView): boolean {
  return profile.purchaseDays > 0;
}

/** Net of refunds; null for a prospect. */
export function revenueOf(sums: SpanSums, view: CustomerView): number | null {
  return hasBought(view) ? sums.grossMinor - sums.refundMinor : null;
}

function profitOf(sums: SpanSums, view: CustomerView): number | null {
  return hasBought(view) && sums.costMinor !== null ? sums.marginMinor - sums.costMinor : null;
}

function acquisitionCostOf({ facts, trade }: CustomerView): number | null {
  return facts?.acquisitionCostMinor ?? (trade.acquisitionAt === 0 ? null : trade.acquisitionCostMinor);
}

function clvOf({ score }: CustomerView): number | null {
  return score.value === null ? null : score.value.realisedMinor + score.value.expectedMinor;
}
