import { mbgExpectedPurchases } from "@tidemark/models";
import { DAY_MS } from "../day-calendar.ts";
import { categoriesOf } from "../purchase-breadth.ts";
import { revenueOf } from "./contribution.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** What the customer could become. Numbers of the installation's own are answered by the name `custom.<name>`. */
export const POTENTIAL: readonly Indicator[] = [
  {
    name: "predictedPurchases",
    family: "potential",
    unit: "count",
    better: "higher",
    needs: ["purchases"],
    doc: "Purchase days expected over the value horizon, by the purchase model.",
    value: (view) => predictedPurchases(view, view.model.artefact.valueHorizonDays),
  },
  {
    name: "predictedGrowth",
    family: "potential",
    unit: "ratio",
    better: "higher",
    needs: ["purchases"],
    doc: "Purchase days expected in the next 364 days against those of the trailing year, 0 = equal; unknown until the first purchase is 364 days old.",
    value: predictedGrowth,
  },
  {
    name: "spendGap",
    family: "potential",
    unit: "minor",
    better: "higher",
    needs: ["purchases", "customer"],
    doc: "What the customer could spend with us in a year less the revenue of the trailing year.",
    value: (view) => {
      const potential = view.facts?.potentialSpendMinor ?? null;
      const revenue = view.year === null ? null : revenueOf(view.year, view);
      return potential === null || revenue === null ? null : potential - revenue;
    },
  },
  {
    name: "shareOfWallet",
    family: "potential",
    unit: "ratio",
    better: "higher",
    needs: ["purchases", "customer"],
    doc: "Revenue of the trailing year to what the customer could spend with us in one.",
    value: (view) => {
      return view.year === null ? null : ratio(revenueOf(view.year, view), view.facts?.potentialSpendMinor ?? null);
    },
  },
  {
    name: "purchasingPower",
    steady: true,
    family: "potential",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "The order that nine tenths of the orders of the days kept are no larger than; orders of one day count as equal.",
    value: topDecileOrder,
  },
  {
    name: "crossSellBreadth",
    steady: true,
    family: "potential",
    unit: "share",
    better: "higher",
    needs: ["purchases", "artefact.base"],
    doc: "Categories bought among those that are sold.",
    value: ({ profile, model }) => {
      const held = categoriesOf(profile).length;
      return held === 0 ? null : ratio(held, model.artefact.base?.categories ?? null);
    },
  },
  {
    name: "strategicImportance",
    steady: true,
    family: "potential",
    unit: "share",
    better: "higher",
    needs: ["customer"],
    doc: "Importance beyond money, 0 to 1, as the customer record says.",
    value: ({ facts }) => facts?.strategicImportance ?? null,
  },
  {
    name: "marketExpansion",
    steady: true,
    family: "potential",
    unit: "ratio",
    better: "higher",
    needs: ["customer"],
    doc: "The custom number marketExpansion, on the installation's own scale.",
    value: (view) => customNumber(view, "marketExpansion"),
  },
  {
    name: "projectSize",
    steady: true,
    family: "potential",
    unit: "ratio",
    better: "higher",
    needs: ["customer"],
    doc: "The custom number projectSize, on the installation's own scale.",
    value: (view) => customNumber(view, "projectSize"),
  },
];

function customNumber({ facts }: CustomerView, name: string): number | null {
  return facts !== null && Object.hasOwn(facts.custom, name) ? (facts.custom[name] ?? null) : null;
}

function predictedPurchases({ buyer, asOf, model }: CustomerView, days: number): number | null {
  if (buyer === null) return null;
  const { purchases, timeUnitDays } = model.artefact;
  const age = Math.max(buyer.tx, (asOf - buyer.bornAt) / (DAY_MS * timeUnitDays));
  return mbgExpectedPurchases(purchases, buyer.x, buyer.tx, age, days / timeUnitDays);
}

function predictedGrowth(view: CustomerView): number | null {
  const { year, quarters } = view;
  if (year === null || quarters === null) return null;
  const times = ratio(predictedPurchases(view, 364), year.purchaseDays);
  return times === null ? null : times - 1;
}

function topDecileOrder({ days }: CustomerView): number | null {
  const sizes = days
    .map(({ count, amountMinor }) => ({ count, size: amountMinor / count }))
    .toSorted((a, b) => a.size - b.size);
  const orders = sizes.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { count, size } of sizes) {
    seen += count;
    if (seen * 10 >= orders * 9) return size;
  }
  return null;
}
