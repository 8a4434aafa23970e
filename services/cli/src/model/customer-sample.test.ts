import { summariseCustomers } from "@tidemark/models";
import { expect, test } from "vitest";
import {
  type CustomerSample,
  CUSTOMERS_MIN,
  customerSampler,
  PURCHASES_MAX,
  REPEAT_BUYERS_MAX,
} from "./customer-sample.ts";

interface Purchase {
  readonly id: string;
  readonly day: number;
  readonly amount: number;
}

test("of a file that fits every customer is in, as the classic definition has him", () => {
  const purchases = [
    { id: "b", day: 3, amount: 500 },
    { id: "a", day: 10, amount: 100 },
    { id: "b", day: 3, amount: 200 },
    { id: "a", day: 3, amount: 0 },
    { id: "b", day: 17, amount: 300 },
  ];
  const { customers, every } = sampleOf(purchases, 31);
  expect(every).toBe(1);
  expect(customers).toEqual(
    summariseCustomers(purchases, { calibrationDay: 31, unitDays: 7 }).map((customer, index) => {
      return { ...customer, id: String(index) };
    }),
  );
  expect(customers).toMatchObject([
    { x: 1, tx: 2, T: 4, repeatSpend: 300 },
    { x: 1, tx: 1, T: 4, repeatSpend: 100 },
  ]);
});

test("what was looked at ends with the last purchase where no later day is named", () => {
  expect(sampleOf([{ id: "a", day: 7, amount: 1 }], 0).customers).toMatchObject([{ T: 0 }]);
  expect(sampleOf([], 0)).toEqual({ customers: [], every: 1 });
});

test("of too many purchases every n-th customer is in, with all that is his, in whatever order they come", () => {
  const customerCount = PURCHASES_MAX * 0.55;
  // Each has one day of his own and a second one, long after, that tells who he is.
  const firsts = Array.from({ length: customerCount }, (_, index) => ({ id: `c-${index}`, day: 0, amount: index }));
  const seconds = firsts.map(({ id, amount }) => ({ id, day: 1 + (amount % 700), amount }));
  const sample = sampleOf([...firsts, ...seconds], 0);
  expect(sample.every).toBeGreaterThan(2);
  expect(sample.customers.length).toBeLessThan(REPEAT_BUYERS_MAX + 1);
  expect(Math.abs((sample.customers.length * sample.every) / customerCount - 1)).toBeLessThan(0.05);
  expect(sample.customers.every(({ x, firstSpend, repeatSpend }) => x === 1 && firstSpend === repeatSpend)).toBe(true);
  const known = (of: CustomerSample): number[] =>
    of.customers.map(({ firstSpend }) => firstSpend).sort((a, b) => a - b);
  expect(known(sampleOf([...seconds.toReversed(), ...firsts], 0))).toEqual(known(sample));
});

test("who is in goes by his id, not by where the bound was met", () => {
  const purchases = Array.from({ length: PURCHASES_MAX + 50_000 }, (_, index) => {
    return { id: `c-${index}`, day: 0, amount: index };
  });
  const { every, customers } = sampleOf(purchases, 0);
  expect(every).toBe(4);
  const others = sampleOf(purchases.toReversed(), 0).customers;
  expect(new Set(others.map(({ firstSpend }) => firstSpend))).toEqual(
    new Set(customers.map(({ firstSpend }) => firstSpend)),
  );
});

test("purchases of one day take no room from others", () => {
  const purchases = Array.from({ length: PURCHASES_MAX + 1000 }, (_, index) => {
    return { id: `c-${index % 3000}`, day: index % 2, amount: 1 };
  });
  const { every, customers } = sampleOf(purchases, 0);
  expect([every, customers.length]).toEqual([1, 3000]);
});

test("of few customers all stay, however often they buy", () => {
  const purchases = Array.from({ length: PURCHASES_MAX + 1000 }, (_, index) => {
    return { id: `c-${index % CUSTOMERS_MIN}`, day: Math.floor(index / CUSTOMERS_MIN), amount: 1 };
  });
  const { every, customers } = sampleOf(purchases, 0);
  expect([every, customers.length]).toEqual([1, CUSTOMERS_MIN]);
  expect(customers.reduce((days, { x }) => days + x + 1, 0)).toBe(purchases.length);
});

function sampleOf(purchases: readonly Purchase[], untilDay: number): CustomerSample {
  const sampler = customerSampler();
  for (const { id, day, amount } of purchases) sampler.add(id, () => day, amount);
  return sampler.sample(untilDay);
}
