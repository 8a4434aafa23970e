import type { Cohort } from "@tidemark/models";
import type { PurchaseDays } from "./purchase-days.ts";

/**
 * Purchases read as payments of a contract, for the sBG model: a customer pays a period, renews for the next by paying again about a
 * period later, and has left when half a period went by after a payment was due. What he pays after that is another contract, not
 * looked at.
 */
export interface Renewals {
  readonly periodDays: number;
  /** Customers who left, by the period at whose end they did; those under contract, by how many times they renewed. */
  readonly cohorts: readonly Cohort[];
  readonly contracts: readonly Contract[];
  /** Customers who came back after they had left. */
  readonly returned: number;
}

export interface Contract {
  readonly firstDay: number;
  readonly renewals: number;
  /** Whether he left. */
  readonly left: boolean;
}

/** A payment this much later than due, in periods, is another contract. */
export const GRACE = 0.5;

/** @param periodDays days from one payment to the next */
export function renewalsOf(days: PurchaseDays, calibrationDay: number, periodDays: number): Renewals {
  const contracts: Contract[] = [];
  let returned = 0;
  for (let i = 0; i < days.customers; i++) {
    const payments = days.of(i).filter(({ day }) => day <= calibrationDay);
    const [first] = payments;
    if (first === undefined) continue;
    const { last, rest } = firstContract(
      payments.map(({ day }) => day),
      periodDays,
    );
    if (rest > 0) returned += 1;
    contracts.push({
      firstDay: first.day,
      renewals: Math.round((last - first.day) / periodDays),
      left: calibrationDay - last > periodDays * (1 + GRACE),
    });
  }
  return { periodDays, contracts, cohorts: cohortsOf(contracts), returned };
}

/** The last payment of the first contract, and how many came after it. */
function firstContract(
  payDays: readonly number[],
  periodDays: number,
): { readonly last: number; readonly rest: number } {
  let last = payDays[0] ?? Number.NaN;
  for (const [i, day] of payDays.entries()) {
    if (day - last > periodDays * (1 + GRACE)) return { last, rest: payDays.length - i };
    last = day;
  }
  return { last, rest: 0 };
}

/** The likelihood adds up over customers, so that those who left are one cohort and those who stay one a length. */
function cohortsOf(contracts: readonly Contract[]): Cohort[] {
  const lost: number[] = [];
  const kept: number[] = [];
  for (const { renewals, left } of contracts) {
    const counts = left ? lost : kept;
    while (counts.length <= renewals) counts.push(0);
    counts[renewals] = (counts[renewals] ?? 0) + 1;
  }
  return [
    { lost, kept: 0 },
    ...kept.map((count, renewals) => ({ lost: Array.from({ length: renewals }, () => 0), kept: count })),
  ];
}

/** The median time between purchase days, days; null = nobody bought again. */
export function medianGap(days: PurchaseDays, calibrationDay: number): number | null {
  const gaps: number[] = [];
  for (let i = 0; i < days.customers; i++) {
    const own = days.of(i);
    for (let k = 1; k < own.length; k++) {
      const [before, after] = [own[k - 1], own[k]];
      if (before !== undefined && after !== undefined && after.day <= calibrationDay) gaps.push(after.day - before.day);
    }
  }
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? null;
}
