import type { Transaction } from "@tidemark/models";

/**
 * The purchase days of all customers, packed: ~16 bytes a day on which somebody bought, however many purchases he made on it.
 * Customers are numbered in the order of their first row.
 */
export interface PurchaseDays {
  readonly customers: number;
  /** First and last day on which anybody bought, days since 1970-01-01. */
  readonly firstDay: number;
  readonly lastDay: number;
  /** A customer's purchase days, ascending, with the spend of each in minor units. */
  of(customer: number): readonly Transaction[];
}

/** @template Id what a customer is known by */
export interface PurchaseDaysBuilder<Id> {
  /** Purchases come in any order. @param amountMinor ≥ 0 */
  add(customerId: Id, day: number, amountMinor: number): void;
  /** Everyone so far, in the order of their numbers. Not after `build`. */
  ids(): readonly Id[];
  /** Once, after the last `add`. */
  build(): PurchaseDays;
}

export function purchaseDaysBuilder<Id = string>(): PurchaseDaysBuilder<Id> {
  const numbers = new Map<Id, number>();
  let rows = emptyRows(INITIAL_ROWS);
  let count = 0;
  let [firstDay, lastDay] = [Infinity, -Infinity];

  /** Purchases of one day become one; only if that leaves little room is more taken. */
  function makeRoom(): void {
    const merged = sorted(rows, count, numbers.size);
    count = merged.count;
    const capacity = rows.day.length;
    rows = count * 2 > capacity ? resized(merged.rows, capacity * 2) : merged.rows;
  }

  return {
    add(customerId, day, amountMinor) {
      let customer = numbers.get(customerId);
      if (customer === undefined) numbers.set(customerId, (customer = numbers.size));
      if (count === rows.day.length) makeRoom();
      rows.customer[count] = customer;
      rows.day[count] = day;
      rows.spend[count] = amountMinor;
      count += 1;
      firstDay = Math.min(firstDay, day);
      lastDay = Math.max(lastDay, day);
    },
    ids: () => [...numbers.keys()],
    build() {
      const customers = numbers.size;
      numbers.clear();
      const { rows: merged, count: days } = sorted(rows, count, customers);
      const starts = startsOf(merged.customer, days, customers);
      return { customers, firstDay, lastDay, of: (customer) => slice(merged, starts, customer) };
    },
  };
}

const INITIAL_ROWS = 4096;

interface Rows {
  readonly customer: Int32Array;
  readonly day: Int32Array;
  readonly spend: Float64Array;
}

function emptyRows(capacity: number): Rows {
  return { customer: new Int32Array(capacity), day: new Int32Array(capacity), spend: new Float64Array(capacity) };
}

function resized({ customer, day, spend }: Rows, capacity: number): Rows {
  const larger = emptyRows(capacity);
  larger.customer.set(customer);
  larger.day.set(day);
  larger.spend.set(spend);
  return larger;
}

/** The rows by customer and day, equal ones put together, in arrays of the same capacity. */
function sorted(rows: Rows, count: number, customers: number): { readonly rows: Rows; readonly count: number } {
  const starts = startsOf(rows.customer, count, customers);
  const places = starts.slice();
  const order = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const customer = rows.customer[row] as number;
    order[(places[customer] as number)++] = row;
  }
  const merged = emptyRows(rows.day.length);
  let written = 0;
  for (let customer = 0; customer < customers; customer++) {
    const own = order.subarray(starts[customer], starts[customer + 1]);
    own.sort((a, b) => (rows.day[a] as number) - (rows.day[b] as number) || a - b);
    const from = written;
    for (const row of own) {
      const day = rows.day[row] as number;
      if (written === from || merged.day[written - 1] !== day) {
        merged.customer[written] = customer;
        merged.day[written] = day;
        written += 1;
      }
      merged.spend[written - 1] = (merged.spend[written - 1] as number) + (rows.spend[row] as number);
    }
  }
  return { rows: merged, count: written };
}

/** Where each customer's rows begin once they are sorted, and after the last of them where all end. */
function startsOf(customerOf: Int32Array, count: number, customers: number): Int32Array {
  const starts = new Int32Array(customers + 1);
  for (let row = 0; row < count; row++) {
    const next = (customerOf[row] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let customer = 0; customer < customers; customer++) {
    starts[customer + 1] = (starts[customer + 1] as number) + (starts[customer] as number);
  }
  return starts;
}

function slice(rows: Rows, starts: Int32Array, customer: number): readonly Transaction[] {
  const own: Transaction[] = [];
  const end = starts[customer + 1] ?? 0;
  for (let row = starts[customer] ?? 0; row < end; row++) {
    own.push({ id: String(customer), day: rows.day[row] as number, amount: rows.spend[row] as number });
  }
  return own;
}
