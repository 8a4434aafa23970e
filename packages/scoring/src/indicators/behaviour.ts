import type { Profile } from "@tidemark/contracts";
import { DAY_MS } from "../day-calendar.ts";
import { categoriesOf, type ChannelUse, channelsOf } from "../purchase-breadth.ts";
import { recentEngagement } from "../hazard/engagement.ts";
import { bothSpans } from "./both-spans.ts";
import { hasBought } from "./contribution.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";
import { relativeSlope } from "./spread.ts";

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
    steady: true,
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
    steady: true,
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
    of: ({ orders, actions, spanDays }) => (30 * (orders + actions)) / spanDays,
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
    steady: true,
    family: "behaviour",
    unit: "ratio",
    better: "higher",
    needs: ["purchases", "visits"],
    doc: "Orders to visits.",
    of: ({ orders, visits }) => ratio(orders, visits),
  }),
  ...bothSpans({
    name: "campaignResponse",
    steady: true,
    family: "behaviour",
    unit: "ratio",
    better: "higher",
    needs: ["campaigns"],
    doc: "Clicks in e-mails to campaign exposures.",
    of: ({ clicks, exposures }) => ratio(clicks, exposures),
  }),
  ...bothSpans({
    name: "serviceUses",
    steady: true,
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
  {
    name: "spendTrend365",
    family: "behaviour",
    unit: "ratio",
    better: "higher",
    needs: ["purchases"],
    doc: "Slope of the gross spend of the four quarters of the trailing year, a quarter, to their mean; unknown until the first purchase is 364 days old.",
    value: ({ quarters }) => (quarters === null ? null : relativeSlope(quarters.map(({ grossMinor }) => grossMinor))),
  },
  {
    name: "categories",
    steady: true,
    family: "behaviour",
    unit: "count",
    better: "higher",
    needs: ["purchases"],
    doc: "Categories bought, of the first 16 that came; over the whole relationship, since sums by category have no time.",
    value: ({ profile }) => categoriesOf(profile).length || null,
  },
  {
    name: "categoryShift",
    family: "behaviour",
    unit: "share",
    better: "neither",
    needs: ["purchases"],
    doc: "How far the mix of categories by recent spend (halved every 90 days) lies from that of all spend: 0 = the same, 1 = nothing in common.",
    value: categoryShift,
  },
  {
    name: "channels",
    steady: true,
    family: "behaviour",
    unit: "count",
    better: "higher",
    needs: ["interactions"],
    doc: "Channels used, of the first 8 that came.",
    value: ({ profile }) => channelsOf(profile).length || null,
  },
  {
    name: "preferredChannel",
    steady: true,
    family: "behaviour",
    unit: "name",
    better: "neither",
    needs: ["interactions"],
    doc: "The channel with most purchases; among equals with most other contacts, then the first by name.",
    value: ({ profile }) => preferred(profile)?.name ?? null,
  },
  {
    name: "preferredChannelShare",
    steady: true,
    family: "behaviour",
    unit: "share",
    better: "neither",
    needs: ["interactions"],
    doc: "Share of the preferred channel in all purchases and contacts by channel.",
    value: ({ profile }) => {
      const all = channelsOf(profile).reduce((sum, { purchases, contacts }) => sum + purchases + contacts, 0);
      const most = preferred(profile);
      return most === null ? null : ratio(most.purchases + most.contacts, all);
    },
  },
  {
    name: "products",
    steady: true,
    family: "behaviour",
    unit: "count",
    better: "higher",
    needs: ["balances", "services"],
    doc: "Products held (their newest balance is not 0) or used, of the first 8 that came.",
    value: ({ products }) =>
      products.length === 0 ? null : products.filter(({ uses, balanceMinor }) => uses > 0 || balanceMinor !== 0).length,
  },
];

function spendGrowth({ profile, days, today }: CustomerView): number | null {
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

/** Half the sum of the differences of shares. */
function categoryShift({ profile }: CustomerView): number | null {
  const categories = categoriesOf(profile);
  const gross = categories.reduce((sum, { grossMinor }) => sum + grossMinor, 0);
  const recent = categories.reduce((sum, category) => sum + category.recent, 0);
  if (!(gross > 0 && recent > 0)) return null;
  return categories.reduce((sum, category) => {
    return sum + Math.abs(category.recent / recent - category.grossMinor / gross) / 2;
  }, 0);
}

function preferred(profile: Profile): ChannelUse | null {
  const [most] = channelsOf(profile).toSorted((a, b) => {
    return b.purchases - a.purchases || b.contacts - a.contacts || (a.name < b.name ? -1 : 1);
  });
  return most ?? null;
}
