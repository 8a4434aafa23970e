import { type CustomerSummary, summariseCustomers, summariseHoldOut } from "@tidemark/models";
import type { PurchaseDays } from "./purchase-days.ts";

/** Everyone who bought by the end of a calibration, in the order of the file. */
export function calibrated(days: PurchaseDays, calibrationDay: number): readonly CustomerSummary[] {
  const customers: CustomerSummary[] = [];
  for (let i = 0; i < days.customers; i++) {
    customers.push(...summariseCustomers(days.of(i), { calibrationDay, unitDays: WEEK }));
  }
  return customers;
}

/** Customers as they were at the end of a calibration, and what they did in the hold-out after it. */
export interface ObservedCustomers {
  readonly customers: readonly CustomerSummary[];
  /** Purchase days in the hold-out, a figure a customer. */
  readonly purchases: Float64Array;
  /** Spend in the hold-out, minor units, a figure a customer. */
  readonly spend: Float64Array;
  /** 1 = no purchase in the hold-out. */
  readonly silent: Uint8Array;
}

/** @param horizonDays days of the hold-out, which begins the day after the calibration */
export function observe(days: PurchaseDays, calibrationDay: number, horizonDays: number): ObservedCustomers {
  const customers: CustomerSummary[] = [];
  const purchases: number[] = [];
  const spend: number[] = [];
  for (let i = 0; i < days.customers; i++) {
    const own = days.of(i);
    const [customer] = summariseCustomers(own, { calibrationDay, unitDays: WEEK });
    if (customer === undefined) continue;
    const [after] = summariseHoldOut(own, calibrationDay, calibrationDay + horizonDays).values();
    customers.push(customer);
    purchases.push(after?.days ?? 0);
    spend.push(after?.spend ?? 0);
  }
  return {
    customers,
    purchases: Float64Array.from(purchases),
    spend: Float64Array.from(spend),
    silent: Uint8Array.from(purchases, (count) => (count === 0 ? 1 : 0)),
  };
}

/** The models' time unit, in days. */
export const WEEK = 7;
