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
 * Groups of customers by a count: 0, then every number, or as many numbers a group as keep the groups few where counts are large; the
 * last for all from there on: at seven, as in the literature, or where it takes in less than a tenth.
 * @param expectedAt how many customers are expected to have so many; where a group is wide it is asked for some of its numbers alone
 */
export function frequencies(
  counts: readonly number[],
  expectedAt: (count: number) => number,
): FrequencyChartData["frequencies"] {
  const ascending = Float64Array.from(counts).sort();
  const last = Math.max(GROUPS_MIN, (ascending[Math.ceil(ascending.length * (1 - TAIL_SHARE)) - 1] ?? 0) + 1);
  const width = widthFor(last);
  const groups = [{ from: 0, to: 1 }];
  for (let from = 1; from < last; from += width) groups.push({ from, to: from + width });
  let [actualBelow, expectedBelow] = [0, 0];
  const shown = groups.map(({ from, to }) => {
    const actual = below(ascending, to) - below(ascending, from);
    const expected = expectedIn(from, to, expectedAt);
    actualBelow += actual;
    expectedBelow += expected;
    return { label: to - from === 1 ? String(from) : `${from}–${to - 1}`, actual, expected };
  });
  const tail = { actual: counts.length - actualBelow, expected: Math.max(0, counts.length - expectedBelow) };
  return [...shown, { label: `${groups.at(-1)?.to ?? 1}+`, ...tail }];
}

const GROUPS_MIN = 7;
const GROUPS_MAX = 20;
const TAIL_SHARE = 0.1;
/** Numbers of a group that the model is asked for: its probabilities run smoothly. */
const ASKED_MAX = 10;

/** 1, 2, 5, 10, 20, … : the least of which {@link GROUPS_MAX} reach so far. */
function widthFor(last: number): number {
  for (let power = 1; ; power *= 10) {
    for (const width of [power, 2 * power, 5 * power]) {
      if (1 + Math.ceil((last - 1) / width) <= GROUPS_MAX) return width;
    }
  }
}

/** How many of the ascending values are below a bound. */
function below(ascending: Float64Array, bound: number): number {
  const first = ascending.findIndex((value) => value >= bound);
  return first < 0 ? ascending.length : first;
}

function expectedIn(from: number, to: number, expectedAt: (count: number) => number): number {
  const asked = Math.min(ASKED_MAX, to - from);
  let sum = 0;
  // In the middle of each of as many equal parts.
  for (let i = 0; i < asked; i++) sum += expectedAt(from + Math.floor(((i + 0.5) * (to - from)) / asked));
  return (sum / asked) * (to - from);
}
