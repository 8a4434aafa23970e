import { expect, test } from "vitest";
import { purchaseDaysBuilder } from "./purchase-days.ts";
import { renewalsOf } from "./renewals.ts";

test("purchases in any order are a customer's days, ascending, those of one day together", () => {
  const builder = purchaseDaysBuilder();
  // More rows than there is room for at first, so that days are put together on the way too.
  for (let row = 0; row < 10_000; row++) builder.add(row % 2 === 0 ? "a" : "b", 40 - ((row * 7) % 30), 1);
  const days = builder.build();
  expect(days).toMatchObject({ customers: 2, firstDay: 11, lastDay: 40 });
  const own = days.of(0).map(({ day }) => day);
  expect(own).toEqual(own.toSorted((one, other) => one - other));
  expect(new Set(own).size).toBe(own.length);
  expect(days.of(0).reduce((sum, { amount }) => sum + amount, 0)).toBe(5000);
});

test("a contract ends where a payment is more than half a period late, and what comes after is another", () => {
  const builder = purchaseDaysBuilder();
  const pays = (customer: string, ...payDays: readonly number[]): void => {
    for (const day of payDays) builder.add(customer, day, 9);
  };
  pays("late by half", 0, 30, 75, 105);
  pays("late by more", 0, 30, 76, 106);
  pays("gone", 0, 30);
  const { contracts, returned } = renewalsOf(builder.build(), 110, 30);
  expect(contracts).toEqual([
    { firstDay: 0, renewals: 4, left: false },
    { firstDay: 0, renewals: 1, left: true },
    { firstDay: 0, renewals: 1, left: true },
  ]);
  expect(returned).toBe(1);
});
