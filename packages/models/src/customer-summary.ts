import { InvalidInput } from "./errors.ts";

/** A purchase: day numbers count days from any common origin, amounts are in any one unit. */
export interface Transaction {
  readonly id: string;
  readonly day: number;
  readonly amount: number;
}

/** A customer by the end of a calibration period, from his purchase days: purchases of one day are one. */
export interface CustomerSummary {
  readonly id: string;
  readonly firstDay: number;
  /** Repeat purchase days, by and including the calibration day. */
  readonly x: number;
  /** From the first to the last purchase day, and from the first one to the calibration day, in units of `unitDays`. */
  readonly tx: number;
  readonly T: number;
  /** Σ ln of the times between purchase days, in the same unit. */
  readonly logGaps: number;
  /** Spend on the first day, and on all repeat days together: m = repeatSpend/x. */
  readonly firstSpend: number;
  readonly repeatSpend: number;
}

export interface SummaryTerms {
  /** Last day of the calibration: what is later is not looked at. */
  readonly calibrationDay: number;
  /** Days in a unit of tx and T: 7 for weeks. */
  readonly unitDays: number;
}

/**
 * The sufficient statistics of everyone who bought by the calibration day, in order of first appearance. Fader, Hardie & Lee 2005.
 * Transactions come in any order.
 * @throws InvalidInput NOT_FINITE if a day is not a whole number or an amount not finite
 */
export function summariseCustomers(
  transactions: readonly Transaction[],
  terms: SummaryTerms,
): readonly CustomerSummary[] {
  const { calibrationDay, unitDays } = terms;
  return [...spendByDay(transactions, -Infinity, calibrationDay)].map(([id, spendOf]) => {
    const days = [...spendOf.keys()].sort((a, b) => a - b);
    const [firstDay = NaN] = days;
    const lastDay = days.at(-1) ?? NaN;
    const firstSpend = spendOf.get(firstDay) ?? 0;
    let logGaps = 0;
    for (const [i, day] of days.entries()) if (i > 0) logGaps += Math.log((day - (days[i - 1] ?? NaN)) / unitDays);
    let repeatSpend = 0;
    for (const [day, spend] of spendOf) if (day !== firstDay) repeatSpend += spend;
    return {
      id,
      firstDay,
      x: days.length - 1,
      tx: (lastDay - firstDay) / unitDays,
      T: (calibrationDay - firstDay) / unitDays,
      logGaps,
      firstSpend,
      repeatSpend,
    };
  });
}

/** What a customer did in a hold-out period. */
export interface HoldOut {
  /** Purchase days. */
  readonly days: number;
  readonly spend: number;
}

/**
 * Purchase days and spend after one day up to and including another, by customer; who bought nothing is missing.
 * @throws InvalidInput NOT_FINITE if a day is not a whole number or an amount not finite
 */
export function summariseHoldOut(
  transactions: readonly Transaction[],
  afterDay: number,
  untilDay: number,
): ReadonlyMap<string, HoldOut> {
  const holdOuts = new Map<string, HoldOut>();
  for (const [id, spendOf] of spendByDay(transactions, afterDay, untilDay)) {
    let spend = 0;
    for (const amount of spendOf.values()) spend += amount;
    holdOuts.set(id, { days: spendOf.size, spend });
  }
  return holdOuts;
}

function spendByDay(
  transactions: readonly Transaction[],
  afterDay: number,
  untilDay: number,
): Map<string, Map<number, number>> {
  const customers = new Map<string, Map<number, number>>();
  for (const { id, day, amount } of transactions) {
    if (!Number.isInteger(day) || !Number.isFinite(amount)) {
      throw new InvalidInput("NOT_FINITE", `customer ${id}: day ${day}, amount ${amount}`);
    }
    if (!(day > afterDay && day <= untilDay)) continue;
    let days = customers.get(id);
    if (days === undefined) customers.set(id, (days = new Map<number, number>()));
    days.set(day, (days.get(day) ?? 0) + amount);
  }
  return customers;
}
