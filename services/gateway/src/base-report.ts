import type { Tier } from "@tidemark/contracts";
import { wilsonInterval } from "@tidemark/models";
import {
  armOf,
  type BaseSums,
  concentrationOf,
  CONVERSION_DAYS,
  CSAT_UNIT,
  type GroupBy,
  type LifeGroupBy,
  MEASURES,
  type Measure,
  monthText,
  type MonthSums,
  type NameSums,
  TIER_PAIRS,
} from "@tidemark/scoring/base";
import type { BaseBody, ChurnBody, ChurnGroupsBody, FiguresBody, GroupsBody } from "./base-body.ts";
import { lifecycleName, tierName } from "./outputs.ts";

/** What `GET /v1/base` says of summed figures. @param month the running one, local, months since 1970-01 */
export function baseReport(base: BaseSums, month: number): Omit<BaseBody, "at" | "tick" | "currency" | "lapseDays"> {
  const months = lifeMonths(base.life, month, MONTHS_SHOWN);
  return {
    all: figuresOf(base.totals),
    by: {
      tier: groupsOf(base, "tier", (name) => tierName(name as Tier)),
      lifecycle: groupsOf(base, "lifecycle", (name) => lifecycleName(name as Parameters<typeof lifecycleName>[0])),
      segment: churnGroupsOf(base, "segment", month),
      industry: churnGroupsOf(base, "industry", month),
      region: churnGroupsOf(base, "region", month),
    },
    months,
    churnPeak: peakOf(months),
    churnCauses: causesOf(base.causes),
    tierMoves: movesOf(base.moves, month),
    concentration: concentrationOf(base.revenue),
    categories: categoriesOf(base.categories),
    complaintCategories: complaintCategoriesOf(base.complaintCategories),
    experiments: experimentsOf(base.arms),
  };
}

/** Months shown, and names of each kind. */
const MONTHS_SHOWN = 36;
/** Of a group, those that are over. */
const GROUP_MONTHS_SHOWN = 12;
const NAMES_SHOWN = 64;

function figuresOf(sums: Float64Array): FiguresBody {
  const of = (name: Measure): number => sums[PLACE[name]] ?? 0;
  const csat = ratio(of("csatSum"), of("csatCustomers"));
  const rated = of("promoters") + of("passives") + of("detractors");
  return {
    customers: of("customers"),
    buyers: of("buyers"),
    repeatBuyers: of("repeatBuyers"),
    repurchaseRate: ratio(of("repeatBuyers"), of("buyers")),
    purchases: of("purchases"),
    revenueMinor: of("revenueMinor"),
    value: {
      customers: of("valued"),
      realisedMinor: of("realisedMinor"),
      expectedMinor: of("expectedMinor"),
      atRiskMinor: of("atRiskMinor"),
    },
    csi: { customers: of("csatCustomers"), mean: csat === null ? null : 1 + (4 * csat) / CSAT_UNIT },
    nps: {
      score: rated === 0 ? null : (100 * (of("promoters") - of("detractors"))) / rated,
      promoters: of("promoters"),
      passives: of("passives"),
      detractors: of("detractors"),
    },
    complaints: {
      customers: of("complainants"),
      opened: of("complaints"),
      open: of("complaintsOpen"),
      resolved: of("resolved"),
      rate: ratio(of("complainants"), of("customers")),
      resolutionRate: ratio(of("resolved"), of("complaints")),
    },
    renewals: {
      renewed: of("renewals"),
      terminated: of("terminations"),
      rate: ratio(of("renewals"), of("renewals") + of("terminations")),
    },
    referrals: {
      customers: of("referrers"),
      made: of("referrals"),
      converted: of("referralsConverted"),
      rate: ratio(of("referrers"), of("customers")),
      conversionRate: ratio(of("referralsConverted"), of("referrals")),
    },
  };
}

const PLACE = Object.fromEntries(MEASURES.map((name, i) => [name, i])) as Readonly<Record<Measure, number>>;

/** Null where there is nothing to divide by; counts that bounds made inconsistent are no shares above 1. */
function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function groupsOf(base: BaseSums, by: GroupBy, nameOf: (name: string) => string | null): GroupsBody {
  const { shown, other } = ranked(base.groups[by], 0);
  return {
    groups: shown.map(([name, sums]) => ({ name: nameOf(name), ...figuresOf(sums) })),
    other: (other[0] ?? 0) === 0 ? null : figuresOf(other),
  };
}

function churnGroupsOf(base: BaseSums, by: LifeGroupBy, running: number): ChurnGroupsBody {
  const { shown, other } = ranked(base.groups[by], 0);
  const life = base.groupLife[by];
  const rest = life.without(new Set(shown.map(([name]) => name)));
  return {
    groups: shown.map(([name, sums]) => ({
      name: name || null,
      ...figuresOf(sums),
      churn: churnOf(life.get(name), running),
    })),
    other: (other[0] ?? 0) === 0 ? null : { ...figuresOf(other), churn: churnOf(rest, running) },
  };
}

/** @param life null: nobody has bought */
function churnOf(life: MonthSums | null, running: number): ChurnBody {
  const months: ChurnBody["months"] = [];
  for (const row of life === null ? [] : lifeMonths(life, running, GROUP_MONTHS_SHOWN + 1)) {
    const { month, activeAtStart, lapsed, churnRate, retentionRate } = row;
    if (lapsed !== null) months.push({ month, activeAtStart, lapsed, churnRate, retentionRate });
  }
  return { months, peak: peakOf(months) };
}

/** Names with most of one of their sums first; those beyond the bound, and those that never had a place, together. */
function ranked(
  names: NameSums,
  rankedBy: number,
): { readonly shown: readonly (readonly [string, Float64Array])[]; readonly other: Float64Array } {
  const present = [...names.entries()].filter(([, sums]) => sums.some((sum) => sum !== 0));
  const order = present.sort(
    ([one, a], [other, b]) => (b[rankedBy] ?? 0) - (a[rankedBy] ?? 0) || (one < other ? -1 : 1),
  );
  const other = Float64Array.from(names.other);
  for (const [, sums] of order.slice(NAMES_SHOWN)) {
    for (const [i, sum] of sums.entries()) other[i] = (other[i] as number) + sum;
  }
  return { shown: order.slice(0, NAMES_SHOWN), other };
}

/** @param shown how many months up to the running one */
function lifeMonths(life: MonthSums, running: number, shown: number): BaseBody["months"] {
  const [ACQUIRED, RETURNED, LAPSED] = [0, 1, 2];
  const first = Math.max(life.first, running - shown + 1);
  let active = life.before(ACQUIRED) + life.before(RETURNED) - life.before(LAPSED);
  const months: BaseBody["months"] = [];
  for (let month = life.first; month <= running; month++) {
    const [acquired, returned, lapsed] = [life.at(month, ACQUIRED), life.at(month, RETURNED), life.at(month, LAPSED)];
    const isComplete = month < running;
    const isKnown = months.length > 0 || active + acquired > 0;
    if (month >= first && isKnown) {
      const churnRate = isComplete ? ratio(lapsed, active) : null;
      months.push({
        month: monthText(month),
        complete: isComplete,
        activeAtStart: active,
        acquired,
        returned,
        lapsed: isComplete ? lapsed : null,
        churnRate,
        retentionRate: churnRate === null ? null : 1 - churnRate,
      });
    }
    active += acquired + returned - lapsed;
  }
  return months;
}

function peakOf(months: readonly Pick<BaseBody["months"][number], "month" | "churnRate">[]): BaseBody["churnPeak"] {
  let peak: BaseBody["churnPeak"] = null;
  for (const { month, churnRate } of months) {
    if (churnRate !== null && churnRate > (peak?.churnRate ?? 0)) peak = { month, churnRate };
  }
  return peak;
}

function causesOf(causes: NameSums): BaseBody["churnCauses"] {
  const { shown } = ranked(causes, 1);
  const rows = shown.map(([code, sums]) => ({ code, customers: sums[0] ?? 0, atRiskMinor: sums[1] ?? 0 }));
  const none = rows.find(({ code }) => code === "");
  return {
    causes: rows.filter(({ code }) => code !== ""),
    none: { customers: none?.customers ?? 0, atRiskMinor: none?.atRiskMinor ?? 0 },
  };
}

function movesOf(moves: MonthSums, running: number): BaseBody["tierMoves"] {
  const rows: BaseBody["tierMoves"] = [];
  for (let month = running; month > running - MONTHS_SHOWN && month >= moves.first; month--) {
    for (const [pair, { from, to }] of TIER_PAIRS.entries()) {
      const customers = moves.at(month, pair);
      if (customers !== 0) rows.push({ month: monthText(month), from: tierName(from), to: tierName(to), customers });
    }
  }
  return rows;
}

function categoriesOf(categories: NameSums): BaseBody["categories"] {
  const { shown, other } = ranked(categories, 2);
  const row = (sums: Float64Array) => {
    return { customers: sums[0] ?? 0, purchases: sums[1] ?? 0, revenueMinor: sums[2] ?? 0 };
  };
  return { categories: shown.map(([name, sums]) => ({ name, ...row(sums) })), other: row(other) };
}

function complaintCategoriesOf(categories: NameSums): BaseBody["complaintCategories"] {
  const { shown, other } = ranked(categories, 1);
  const row = (sums: Float64Array) => ({ customers: sums[0] ?? 0, complaints: sums[1] ?? 0 });
  return { categories: shown.map(([name, sums]) => ({ name, ...row(sums) })), other: row(other) };
}

function experimentsOf(arms: NameSums): BaseBody["experiments"] {
  const { shown, other } = ranked(arms, 0);
  return {
    conversionDays: CONVERSION_DAYS,
    arms: shown.map(([key, sums]) => {
      const [exposed, converted] = [sums[0] ?? 0, sums[1] ?? 0];
      const { experiment, arm } = armOf(key);
      return {
        experiment,
        arm: arm || null,
        exposed,
        converted,
        rate: converted / exposed,
        ...wilsonInterval(converted, exposed),
      };
    }),
    other: { exposed: other[0] ?? 0, converted: other[1] ?? 0 },
  };
}
