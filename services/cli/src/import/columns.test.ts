import { expect, it } from "vitest";
import { findColumns } from "./columns.ts";

const none = { customer: null, time: null, amount: null, order: null };

it.each([
  ["CUSTOMER_ID,Order Date,Total Amount,Order-Number", [0, 1, 2, 3]],
  ["id,user,timestamp,value", [1, 2, 3, null]],
  // The surer name wins, wherever it stands.
  ["date,client,customer id,price,amount,occurred_at", [2, 5, 4, null]],
  ["Invoice,Quantity,InvoiceDate,Price,Customer ID,Revenue", [4, 2, 5, 0]],
])("finds the columns of %s", (header, [customer, time, amount, order]) => {
  expect(findColumns(header.split(","), none)).toEqual({ customer, time, amount, order });
});

it("takes a name given exactly before one that differs in case", () => {
  const names = { ...none, amount: "Amount", customer: "WHO" };
  expect(findColumns(["who", "amount", "Amount", "date"], names)).toEqual({
    customer: 0,
    time: 3,
    amount: 2,
    order: null,
  });
});

it("does not take the price of one piece for the amount", () => {
  expect(() => findColumns(["customer", "date", "price"], none)).toThrow("--amount-column");
});

it("lists the columns, but not a first line that holds a customer's data where names should be", () => {
  expect(() => findColumns(["kunde", "datum", "summe", "Umsatz 2024", ""], none)).toThrow(/"kunde", "datum", "summe"/u);
  for (const row of [
    ["anna@example.org", "2024-01-02", "3.50"],
    ["anna", "2 Jan 2024", "-3,50 €"],
    ["anna", "x", "12"],
  ]) {
    let said = "";
    try {
      findColumns(row, none);
    } catch (error) {
      said = String(error);
    }
    expect(said).toContain("--customer-column");
    expect(said).toContain("the first line");
    for (const cell of row.slice(0, 2)) expect(said).not.toContain(`"${cell}"`);
  }
});
