import { MEASURES } from "./measures.ts";
import { MonthSums, type SavedMonthSums } from "./month-sums.ts";
import { NameMonths, type SavedNameMonths } from "./name-months.ts";
import { addNames, NameSums, NAMES_MAX, type SavedNameSums } from "./name-sums.ts";
import { LIFE_EVENTS } from "./purchase-life.ts";
import { RevenueHistogram, type SavedHistogram } from "./revenue-histogram.ts";
import { TIER_PAIRS } from "./tier-pairs.ts";

/** What is summed over the customers of the base, or of a part of it. Parts add up. */
export interface BaseSums {
  /** By {@link MEASURES}, as those of each group. */
  readonly totals: Float64Array;
  readonly groups: Readonly<Record<GroupBy, NameSums>>;
  /** By {@link LIFE_EVENTS}. */
  readonly life: MonthSums;
  /** The same of each group that a buyer's lapse does not move him out of: by those he is in now. */
  readonly groupLife: Readonly<Record<LifeGroupBy, NameMonths>>;
  /** By the place of the pair of tiers. */
  readonly moves: MonthSums;
  /** Customers and their value at risk, by what raises their churn most. */
  readonly causes: NameSums;
  /** Customers, purchases and gross revenue by category of goods. */
  readonly categories: NameSums;
  /** Customers and complaints by what they are about. */
  readonly complaintCategories: NameSums;
  /** Customers exposed and converted, by experiment and arm. */
  readonly arms: NameSums;
  readonly revenue: RevenueHistogram;
}

export type GroupBy = (typeof GROUPS)[number];

export const GROUPS = ["tier", "lifecycle", "segment", "industry", "region"] as const;

export type LifeGroupBy = (typeof LIFE_GROUPS)[number];

export const LIFE_GROUPS = ["segment", "industry", "region"] as const satisfies readonly GroupBy[];

const NAMED = ["causes", "categories", "complaintCategories", "arms"] as const;

/** @param parts how many others are to be added to it: each may have names of its own */
export function createBaseSums(parts = 1): BaseSums {
  const names = (width: number): NameSums => new NameSums(width, NAMES_MAX * parts);
  const measures = (): NameSums => names(MEASURES.length);
  const groups = {
    tier: measures(),
    lifecycle: measures(),
    segment: measures(),
    industry: measures(),
    region: measures(),
  };
  return {
    totals: new Float64Array(MEASURES.length),
    groups,
    life: new MonthSums(LIFE_EVENTS.length),
    groupLife: {
      segment: new NameMonths(LIFE_EVENTS.length, groups.segment),
      industry: new NameMonths(LIFE_EVENTS.length, groups.industry),
      region: new NameMonths(LIFE_EVENTS.length, groups.region),
    },
    moves: new MonthSums(TIER_PAIRS.length),
    causes: names(2),
    categories: names(3),
    complaintCategories: names(2),
    arms: names(2),
    revenue: new RevenueHistogram(),
  };
}

export function addSums(into: BaseSums, from: BaseSums): void {
  for (const [i, sum] of from.totals.entries()) into.totals[i] = (into.totals[i] as number) + sum;
  for (const by of GROUPS) addNames(into.groups[by], from.groups[by]);
  for (const name of NAMED) addNames(into[name], from[name]);
  into.life.addAll(from.life);
  // After the groups, whose names have places by now.
  for (const by of LIFE_GROUPS) into.groupLife[by].addAll(from.groupLife[by]);
  into.moves.addAll(from.moves);
  into.revenue.addAll(from.revenue);
}

export interface SavedSums {
  readonly totals: readonly number[];
  /** In the order of {@link GROUPS}. */
  readonly groups: readonly SavedNameSums[];
  readonly names: readonly SavedNameSums[];
  readonly life: SavedMonthSums;
  /** In the order of {@link LIFE_GROUPS}. */
  readonly groupLife: readonly SavedNameMonths[];
  readonly moves: SavedMonthSums;
  readonly revenue: SavedHistogram;
}

export function saveSums(sums: BaseSums): SavedSums {
  return {
    totals: [...sums.totals],
    groups: GROUPS.map((by) => sums.groups[by].save()),
    names: NAMED.map((name) => sums[name].save()),
    life: sums.life.save(),
    groupLife: LIFE_GROUPS.map((by) => sums.groupLife[by].save()),
    moves: sums.moves.save(),
    revenue: sums.revenue.save(),
  };
}

/** @param sums new ones */
export function loadSums(sums: BaseSums, saved: SavedSums): void {
  sums.totals.set(saved.totals);
  for (const [i, by] of GROUPS.entries()) sums.groups[by].load(saved.groups[i] ?? NO_NAMES);
  for (const [i, name] of NAMED.entries()) sums[name].load(saved.names[i] ?? NO_NAMES);
  sums.life.load(saved.life);
  for (const [i, by] of LIFE_GROUPS.entries()) {
    const life = saved.groupLife[i];
    if (life !== undefined) sums.groupLife[by].load(life);
  }
  sums.moves.load(saved.moves);
  sums.revenue.load(saved.revenue);
}

const NO_NAMES: SavedNameSums = { names: [], other: [] };
