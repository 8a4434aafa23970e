import { mbgExpectedPurchases } from "@tidemark/models";
import { DAY_MS } from "../day-calendar.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** What the customer could become. */
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
    name: "purchasingPower",
    family: "potential",
    unit: "minor",
    better: "higher",
    needs: ["purchases"],
    doc: "The order that nine tenths of the orders of the days kept are no larger than; orders of one day count as equal.",
    value: topDecileOrder,
  },
];

function predictedPurchases({ buyer, asOf, model }: CustomerView, days: number): number | null {
  if (buyer === null) return null;
  const { purchases, timeUnitDays } = model.artefact;
  const age = Math.max(buyer.tx, (asOf - buyer.bornAt) / (DAY_MS * timeUnitDays));
  return mbgExpectedPurchases(purchases, buyer.x, buyer.tx, age, days / timeUnitDays);
}

function predictedGrowth(view: CustomerView): number | null {
  const { profile, asOf, model, year } = view;
  if (year === null || profile.purchaseDays === 0 || profile.firstDay > model.calendar.dayOf(asOf) - 364) return null;
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
