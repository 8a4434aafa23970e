import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CALIBRATION_DAY, cdnowSample, LAST_DAY } from "../fixtures/cdnow.ts";
import { summariseCustomers, summariseHoldOut } from "./customer-summary.ts";

test("purchases of one day are one, in any order, and what is later than the calibration is not looked at", () => {
  const transactions = [
    { id: "b", day: 30, amount: 7 },
    { id: "a", day: 24, amount: 5 },
    { id: "a", day: 10, amount: 2 },
    { id: "a", day: 24, amount: 6 },
    { id: "a", day: 17, amount: 3 },
    { id: "a", day: 10, amount: 1 },
    { id: "c", day: 31, amount: 9 },
    { id: "a", day: 33, amount: 9 },
  ];
  expect(summariseCustomers(transactions, { calibrationDay: 30, unitDays: 7 })).toEqual([
    { id: "b", firstDay: 30, x: 0, tx: 0, T: 0, logGaps: 0, firstSpend: 7, repeatSpend: 0 },
    { id: "a", firstDay: 10, x: 2, tx: 2, T: 20 / 7, logGaps: 0, firstSpend: 3, repeatSpend: 14 },
  ]);
  expect(summariseHoldOut(transactions, 17, 31)).toEqual(
    new Map([
      ["b", { days: 1, spend: 7 }],
      ["a", { days: 1, spend: 11 }],
      ["c", { days: 1, spend: 9 }],
    ]),
  );
});

test("the logarithms of the gaps add up, in the unit", () => {
  const days = [0, 3, 10, 40];
  const [customer] = summariseCustomers(
    days.map((day) => ({ id: "a", day, amount: 1 })),
    { calibrationDay: 50, unitDays: 10 },
  );
  expect(customer?.logGaps).toBeCloseTo(Math.log(0.3) + Math.log(0.7) + Math.log(3), 14);
});

test("no transactions, no customers; half a day or no amount is refused", () => {
  const terms = { calibrationDay: 30, unitDays: 1 };
  expect(summariseCustomers([], terms)).toEqual([]);
  expect(() => summariseCustomers([{ id: "a", day: 0.5, amount: 1 }], terms)).toThrow(RangeError);
  expect(() => summariseHoldOut([{ id: "a", day: 1, amount: NaN }], 0, 2)).toThrow(RangeError);
});

test("the CDNOW sample's summary equals that of an independent script", () => {
  const file = new URL("../../../test/fixtures/cdnow/summary.csv", import.meta.url);
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
  const transactions = cdnowSample();
  const customers = new Map(
    summariseCustomers(transactions, { calibrationDay: CALIBRATION_DAY, unitDays: 1 }).map((customer) => [
      customer.id,
      customer,
    ]),
  );
  const holdOut = summariseHoldOut(transactions, CALIBRATION_DAY, LAST_DAY);
  expect(customers.size).toBe(rows.length);
  for (const row of rows) {
    const [id = "", , ...numbers] = row.split(",");
    const customer = customers.get(id);
    const { x = NaN, tx, T, repeatSpend, firstSpend = NaN } = customer ?? {};
    const { days = 0, spend = 0 } = holdOut.get(id) ?? {};
    const [, , , , spent = NaN, wholeX = NaN, , wholeSpend = NaN] = numbers.map(Number);
    expect([x, tx, T, repeatSpend]).toEqual(numbers.slice(0, 4).map(Number));
    expect([firstSpend + (repeatSpend ?? NaN), x + days, spent + spend]).toEqual([spent, wholeX, wholeSpend]);
  }
});
