import { createPurchaseModel, type CustomerSummary, type PurchaseModelSpec } from "@tidemark/models";
import type { FrequencyChartData } from "../charts/frequency-chart.ts";
import type { TrackingChartData } from "../charts/tracking-chart.ts";
import { WEEK } from "./observed-customers.ts";
import type { PurchaseDays } from "./purchase-days.ts";

/**
 * Repeat purchases of everyone who bought by the calibration day, by whole weeks from the file's first day to its last; those expected are
 * of new customers, Σ E[X(t)], so that nothing of what they did enters but the parameters.
 */
export function trackedPurchases(
  days: PurchaseDays,
  spec: PurchaseModelSpec,
  calibrationDay: number,
): TrackingChartData["weeks"] {
  const weekCount = Math.max(1, Math.floor((days.lastDay - days.firstDay + 1) / WEEK));
  const repeats = new Float64Array(weekCount);
  const starts = new Map<number, number>();
  for (let i = 0; i < days.customers; i++) {
    const [first, ...later] = days.of(i);
    if (first === undefined || first.day > calibrationDay) continue;
    starts.set(first.day, (starts.get(first.day) ?? 0) + 1);
    for (const { day } of later) {
      const week = Math.floor((day - days.firstDay) / WEEK);
      if (week < weekCount) repeats[week] = (repeats[week] ?? 0) + 1;
    }
  }
  const expectedAt = expectedByAge(spec);
  let actual = 0;
  return Array.from(repeats, (count, i) => {
    actual += count;
    const end = days.firstDay + (i + 1) * WEEK - 1;
    let expected = 0;
    for (const [day, customers] of starts) if (day < end) expected += customers * expectedAt(end - day);
    return { week: i + 1, actual, expected };
  });
}

function expectedByAge(spec: PurchaseModelSpec): (ageDays: number) => number {
  const model = createPurchaseModel(spec);
  const known = new Map<number, number>();
  return (ageDays) => {
    let expected = known.get(ageDays);
    if (expected === undefined) known.set(ageDays, (expected = model.expectedPurchasesNew(ageDays / WEEK)));
    return expected;
  };
}

/** Customers by their repeat purchases in the calibration, and how many the model expects: Σ P(X(T) = n). */
export function purchaseFrequencies(
  customers: readonly CustomerSummary[],
  spec: PurchaseModelSpec,
): FrequencyChartData["frequencies"] {
  const model = createPurchaseModel(spec);
  const ages = new Map<number, number>();
  for (const { T } of customers) ages.set(T, (ages.get(T) ?? 0) + 1);
  return frequencies(
    customers.map(({ x }) => x),
    (n) => {
      let expected = 0;
      for (const [T, count] of ages) expected += count * model.massNew(T, n);
      return expected;
    },
  );
}

/**
 * A group a number, the last for all from there on: at seven, as in the literature, or where it takes in less than a tenth.
 * @param expectedAt how many customers are expected to have so many
 */
export function frequencies(
  counts: readonly number[],
  expectedAt: (count: number) => number,
): FrequencyChartData["frequencies"] {
  const actual = new Map<number, number>();
  for (const count of counts) actual.set(count, (actual.get(count) ?? 0) + 1);
  let [last, below] = [0, 0];
  while (last < GROUPS_MAX && (last < GROUPS_MIN || below < counts.length * (1 - TAIL_SHARE))) {
    below += actual.get(last) ?? 0;
    last += 1;
  }
  const groups = Array.from({ length: last }, (_, n) => ({
    label: String(n),
    actual: actual.get(n) ?? 0,
    expected: expectedAt(n),
  }));
  const expectedBelow = groups.reduce((sum, { expected }) => sum + expected, 0);
  const tail = { actual: counts.length - below, expected: Math.max(0, counts.length - expectedBelow) };
  return [...groups, { label: `${last}+`, ...tail }];
}

const GROUPS_MIN = 7;
const GROUPS_MAX = 20;
const TAIL_SHARE = 0.1;
