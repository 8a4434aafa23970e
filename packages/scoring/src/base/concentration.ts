import type { RevenueHistogram } from "./revenue-histogram.ts";

/** How unequal customers are in revenue; null where there is none. */
export interface Concentration {
  /** Share of the revenue of the fifth of the buyers with the most. */
  readonly topFifthShare: number | null;
  /** Gini coefficient: 0 = all alike, 1 = one has all. */
  readonly gini: number | null;
  /** Share of the buyers in each class: those who make the first 80 % of the revenue, the next 15 %, the rest. */
  readonly classes: { readonly a: number; readonly b: number; readonly c: number } | null;
}

/** 80/20 and ABC of all buyers. Within a bucket of the histogram all are taken to be alike: shares are within a few thousandths. */
export function concentrationOf(histogram: RevenueHistogram): Concentration {
  const buckets = histogram.buckets();
  let buyers = 0;
  let revenue = 0;
  for (const { count, revenueMinor } of buckets) {
    buyers += count;
    revenue += revenueMinor;
  }
  if (revenue === 0) return { topFifthShare: null, gini: null, classes: null };
  // Lorenz' curve from the richest on: shares of buyers and revenue up to the end of each bucket.
  const curve: (readonly [number, number])[] = [[0, 0]];
  let [had, made] = [0, 0];
  let area = 0;
  for (const { count, revenueMinor } of buckets) {
    area += (count / buyers) * ((made + revenueMinor / 2) / revenue);
    had += count;
    made += revenueMinor;
    curve.push([had / buyers, made / revenue]);
  }
  const a = between(curve, 1, A_SHARE);
  const ab = between(curve, 1, AB_SHARE);
  return { topFifthShare: between(curve, 0, TOP_SHARE), gini: 2 * area - 1, classes: { a, b: ab - a, c: 1 - ab } };
}

const TOP_SHARE = 0.2;
const A_SHARE = 0.8;
const AB_SHARE = 0.95;

/** The other coordinate of the curve where one has a value. */
function between(curve: readonly (readonly [number, number])[], known: 0 | 1, value: number): number {
  const wanted = known === 0 ? 1 : 0;
  for (let i = 1; i < curve.length; i++) {
    const [low, high] = [curve[i - 1] ?? [0, 0], curve[i] ?? [1, 1]];
    if (high[known] < value) continue;
    const share = (value - low[known]) / (high[known] - low[known]);
    return low[wanted] + share * (high[wanted] - low[wanted]);
  }
  return 1;
}
