/**
 * Customers by their revenue, in buckets whose ends are {@link RATIO} apart: the number and the exact revenue of each. Shares of the
 * base's revenue come from it, as if all customers of a bucket had its mean.
 */
export class RevenueHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #sums = new Float64Array(BUCKETS);

  /** @param revenueMinor below 0 counts as 0; @param sign −1 takes the customer out again */
  add(revenueMinor: number, sign: 1 | -1): void {
    const revenue = Math.max(0, revenueMinor);
    const bucket = bucketOf(revenue);
    this.#counts[bucket] = (this.#counts[bucket] as number) + sign;
    this.#sums[bucket] = (this.#sums[bucket] as number) + sign * revenue;
  }

  addAll(other: RevenueHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] as number) + (other.#counts[bucket] as number);
      this.#sums[bucket] = (this.#sums[bucket] as number) + (other.#sums[bucket] as number);
    }
  }

  /** Buckets that hold somebody, richest first. */
  buckets(): { readonly count: number; readonly revenueMinor: number }[] {
    const buckets: { count: number; revenueMinor: number }[] = [];
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      const count = this.#counts[bucket] as number;
      if (count > 0) buckets.push({ count, revenueMinor: this.#sums[bucket] as number });
    }
    return buckets;
  }

  save(): SavedHistogram {
    const entries: [number, number, number][] = [];
    for (const [bucket, count] of this.#counts.entries()) {
      if (count !== 0) entries.push([bucket, count, this.#sums[bucket] as number]);
    }
    return entries;
  }

  load(entries: SavedHistogram): void {
    for (const [bucket, count, sum] of entries) {
      this.#counts[bucket] = count;
      this.#sums[bucket] = sum;
    }
  }
}

/** Bucket, customers, revenue. */
export type SavedHistogram = readonly (readonly [number, number, number])[];

const RATIO = 1.05;
/** Sums are below 2^52. */
const BUCKETS = 2 + Math.ceil((52 * Math.LN2) / Math.log(RATIO));

function bucketOf(revenueMinor: number): number {
  return revenueMinor < 1 ? 0 : 1 + Math.floor(Math.log(revenueMinor) / Math.log(RATIO));
}
