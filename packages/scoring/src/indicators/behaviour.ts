import { DAY_MS } from "../day-calendar.ts";
import { recentEngagement } from "../valuation.ts";
import { bothSpans } from "./both-spans.ts";
import { hasBought } from "./contribution.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** What the customer does. */
export const BEHAVIOUR: readonly Indicator[] = [
  {
    name: "recency",
    family: "behaviour",
    unit: "days",
    better: "lower",
    needs: ["purchases"],
    doc: "Days since the last purchase day, as churn counts them: the first day ends before they begin, parts of days count.",
    value: ({ buyer, profile, asOf }) => {
      if (buyer === null) return null;
      return Math.max(0, (asOf - buyer.bornAt) / DAY_MS - (profile.lastDay - profile.firstDay));
    },
  },
  ...bothSpans({
    name: "frequency",
    family: "behaviour",
    unit: "count",
    better: "higher",
    needs: ["purchases"],
    doc: "Days with a purchase.",
    of: (sums, view) => (hasBought(view) ? sums.purchaseDays : null),
  }),
  {
    name: "tenure",
    family: "behaviour",
    unit: "days",
    better: "higher",
    needs: ["purchases"],
    doc: "Days since the first purchase day ended, and never less than from the first to the last.",
    value: ({ buyer, profile, asOf }) => {
      if (buyer === null) return null;
      return Math.max(profile.lastDay - profile.firstDay, (asOf - buyer.bornAt) / DAY_MS);
    },
  },
  ...bothSpans({
    name: "purchaseCycle",
    family: "behaviour",
    unit: "days",
    better: "lower",
    needs: ["purchases"],
    doc: "Mean days between purchase days; unknown with fewer than two.",
    of: ({ purchaseDays, purchaseSpanDays }) => ratio(purchaseSpanDays, purchaseDays - 1),
  }),
  ...bothSpans({
    name: "activity",
    family: "behaviour",
    unit: "monthly",
    better: "higher",
    needs: ["purchases", "interactions"],
    doc: "Orders and interactions of the customer's own doing in 30 days of the span.",
    of: ({ orders, actions, spanDays }) => (actions === null ? null : (30 * (orders + actions)) / spanDays),
  }),
  {
    name: "engagement",
    family: "behaviour",
    unit: "count",
    better: "higher",
    needs: ["interactions"],
    doc: "Interactions weighed in visits, each halved every 30 days.",
    value: ({ profile, asOf }) => (profile.engagementAt === 0 ? null : recentEngagement(profile, asOf)),
  },
  ...bothSpans({
    name: "conversion",
    family: "behaviour",
    unit: "ratio",
    better: "higher",
    needs: ["purchases", "visits"],
    doc: "Orders to visits.",
    of: ({ orders, visits }) => ratio(orders, visits),
  }),
  ...bothSpans({
    name: "campaignResponse",
    family: "behaviour",
    unit: "ratio",
    better: "higher",
    needs: ["campaigns"],
    doc: "Clicks in e-mails to campaign exposures.",
    of: ({ clicks, exposures }) => ratio(clicks, exposures),
  }),
  ...bothSpans({
    name: "serviceUses",
    family: "behaviour",
    unit: "count",
    better: "higher",
    needs: ["services"],
    doc: "Uses of added services; unknown for a customer of whom no use ever came.",
    of: ({ serviceUses }, { lifetime }) => (lifetime?.serviceUses === 0 ? null : serviceUses),
  }),
  {
    name: "spendGrowth90",
    family: "behaviour",
    unit: "ratio",
    better: "higher",
    needs: ["purchases"],
    doc: "Gross spend of the last 90 days against the 90 before, 0 = equal; unknown until the first purchase is 180 days old.",
    value: spendGrowth,
  },
];

function spendGrowth({ profile, days, asOf, model }: CustomerView): number | null {
  const today = model.calendar.dayOf(asOf);
  if (profile.purchaseDays === 0 || profile.firstDay > today - 180) return null;
  let recent = 0;
  let before = 0;
  for (const { day, amountMinor } of days) {
    if (day > today - 90) recent += amountMinor;
    else if (day > today - 180) before += amountMinor;
  }
  const times = ratio(recent, before);
  return times === null ? null : times - 1;
}
