import { InvalidInput, Unfittable } from "./errors.ts";
import { requireCustomers } from "./requirements.ts";

/** The sufficient statistics of a customer, or of `count` customers who have the same x, tx and T. */
export interface PurchaseHistory {
  /** Repeat purchase days. */
  readonly x: number;
  /** Recency: time from the first to the last purchase day, 0 ≤ tx ≤ T; 0 where x = 0. */
  readonly tx: number;
  /** Age: time since the first purchase day. */
  readonly T: number;
  /** Σ ln of the times between purchase days, in the unit of tx; of all `count` customers together. Needed to choose k. */
  readonly logGaps?: number;
  /** 1 if absent. */
  readonly count?: number;
}

/** Histories with equal x, tx and T put together; the distinct values of each are listed once and referred to by index. */
export interface GroupedHistories {
  readonly customers: number;
  /** Σ count·x, Σ count·T and Σ logGaps. */
  readonly purchases: number;
  readonly time: number;
  readonly logGaps: number;
  /** Distinct values, and how many customers have each. */
  readonly xs: Float64Array;
  readonly xCounts: Float64Array;
  readonly txs: Float64Array;
  readonly Ts: Float64Array;
  /** One entry a distinct history: indexes into xs, txs and Ts, and how many customers have it. */
  readonly xIndex: Int32Array;
  readonly txIndex: Int32Array;
  readonly TIndex: Int32Array;
  readonly counts: Float64Array;
}

/**
 * @throws InvalidInput NOT_FINITE, HISTORY_OUT_OF_DOMAIN, RECENCY_ALL_ZERO
 * @throws Unfittable TOO_FEW_CUSTOMERS, NO_REPEAT_PURCHASES
 */
export function groupHistories(histories: readonly PurchaseHistory[]): GroupedHistories {
  const xs = new Distinct();
  const txs = new Distinct();
  const Ts = new Distinct();
  const places = new Map<number, Map<number, number>>();
  const rows: { x: number; tx: number; T: number; count: number }[] = [];
  let [customers, purchases, time, logGaps, recency] = [0, 0, 0, 0, 0];
  for (const [row, history] of histories.entries()) {
    const { x, tx, T, count = 1, logGaps: gaps = 0 } = history;
    check(history, row);
    if (count === 0) continue;
    customers += count;
    purchases += count * x;
    time += count * T;
    recency += count * tx;
    logGaps += gaps;
    const xAt = xs.indexOf(x);
    const txAt = txs.indexOf(tx);
    const TAt = Ts.indexOf(T);
    // Two-level keys: the pair (x, tx) and T, each below 2^26 distinct values.
    const pair = xAt * 2 ** 26 + txAt;
    const ofPair = places.get(pair) ?? new Map<number, number>();
    if (ofPair.size === 0) places.set(pair, ofPair);
    const place = ofPair.get(TAt);
    const known = place === undefined ? undefined : rows[place];
    if (known === undefined) {
      ofPair.set(TAt, rows.length);
      rows.push({ x: xAt, tx: txAt, T: TAt, count });
    } else {
      known.count += count;
    }
  }
  requireCustomers(customers);
  if (purchases === 0) throw new Unfittable("NO_REPEAT_PURCHASES", `none of ${customers} customers bought again`);
  if (recency === 0) throw new InvalidInput("RECENCY_ALL_ZERO", "customers bought again, but every recency is 0");
  const xCounts = new Float64Array(xs.values.length);
  for (const { x, count } of rows) xCounts[x] = (xCounts[x] ?? 0) + count;
  return {
    customers,
    purchases,
    time,
    logGaps,
    xs: Float64Array.from(xs.values),
    xCounts,
    txs: Float64Array.from(txs.values),
    Ts: Float64Array.from(Ts.values),
    xIndex: Int32Array.from(rows, (row) => row.x),
    txIndex: Int32Array.from(rows, (row) => row.tx),
    TIndex: Int32Array.from(rows, (row) => row.T),
    counts: Float64Array.from(rows, (row) => row.count),
  };
}

class Distinct {
  readonly values: number[] = [];
  readonly #places = new Map<number, number>();

  indexOf(value: number): number {
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.values.push(value) - 1;
      this.#places.set(value, place);
    }
    return place;
  }
}

function check({ x, tx, T, count = 1, logGaps = 0 }: PurchaseHistory, row: number): void {
  if (![x, tx, T, count, logGaps].every(Number.isFinite)) {
    throw new InvalidInput(
      "NOT_FINITE",
      `history ${row}: x ${x}, tx ${tx}, T ${T}, logGaps ${logGaps}, count ${count}`,
    );
  }
  const inDomain = Number.isInteger(x) && x >= 0 && tx >= 0 && tx <= T && count >= 0 && (x > 0 || tx === 0);
  if (!inDomain) {
    throw new InvalidInput("HISTORY_OUT_OF_DOMAIN", `history ${row}: x ${x}, tx ${tx}, T ${T}, count ${count}`);
  }
}
