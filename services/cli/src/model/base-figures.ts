import { type BaseFigures, CATALOGUE, fingerprintOf, type IndicatorValues } from "@tidemark/scoring";

/**
 * Collects what is known of the whole base, customer by customer.
 *
 *  B1 Revenue and classes are of all customers; quantiles of all, or of every n-th by a hash of the id where there are more than
 *     {@link SAMPLE_MAX}: the same customers give the same figures.
 *  B2 Memory is a number a customer, and of the sample one an indicator.
 */
export interface BaseCollector {
  /** @param revenue365 minor units; @param categories bought */
  add(customerId: string, values: IndicatorValues, categories: readonly string[]): void;
  /** @param asOf ms since the epoch; @returns null where nobody has bought in the trailing year */
  figures(asOf: number, minorPerMajor: number): BaseFigures | null;
}

const SAMPLE_MAX = 50_000;
/** Quintiles: what the presets judge by. */
const SHARES = [0.2, 0.4, 0.6, 0.8];
/** Classes of Pareto's rule: A brings the first four fifths of the revenue, B the next 15 of a hundred. */
const CLASS_A = 0.8;
const CLASS_B = 0.95;
/** Of names, as a profile keeps at most 16 a customer; more are of no use to a breadth. */
const CATEGORIES_MAX = 10_000;

export function baseCollector(): BaseCollector {
  const names = CATALOGUE.filter(({ unit }) => unit !== "name").map(({ name }) => name);
  const revenues: number[] = [];
  const categories = new Set<string>();
  let every = 1;
  let sample: { readonly key: number; readonly values: Float64Array }[] = [];
  return {
    add(customerId, values, bought) {
      const revenue = values["revenue365"];
      if (typeof revenue === "number") revenues.push(revenue);
      for (const category of bought) if (categories.size < CATEGORIES_MAX) categories.add(category);
      const key = fingerprintOf(customerId).low >>> 0;
      if (key % every !== 0) return;
      sample.push({ key, values: Float64Array.from(names, (name) => numberOr(values[name])) });
      while (sample.length > SAMPLE_MAX) {
        every *= 2;
        sample = sample.filter((row) => row.key % every === 0);
      }
    },
    figures(asOf, minorPerMajor) {
      const total = revenues.reduce((sum, revenue) => sum + Math.max(0, revenue), 0);
      if (total === 0) return null;
      const quantiles: Record<string, readonly number[]> = {};
      for (const [index, name] of names.entries()) {
        const known = sample.map(({ values }) => values[index] ?? NaN).filter((value) => !Number.isNaN(value));
        if (known.length > SHARES.length) quantiles[name] = cutsOf(known);
      }
      return {
        asOf,
        revenueMajor: total / minorPerMajor,
        abcFromMajor: classesOf(revenues, total, minorPerMajor),
        categories: Math.max(1, categories.size),
        quantiles,
      };
    },
  };
}

function numberOr(value: IndicatorValues[string] | undefined): number {
  return typeof value === "number" ? value : NaN;
}

/** The values that so large a share of the customers lies below. */
function cutsOf(values: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).sort();
  return SHARES.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}

/** The least revenue in class A, and in class B. */
function classesOf(revenues: readonly number[], total: number, minorPerMajor: number): { a: number; b: number } {
  const sorted = Float64Array.from(revenues).sort().reverse();
  let sum = 0;
  let a = sorted[0] ?? 0;
  let b = a;
  for (const revenue of sorted) {
    if (sum < CLASS_A * total) a = revenue;
    if (sum < CLASS_B * total) b = revenue;
    sum += Math.max(0, revenue);
  }
  return { a: a / minorPerMajor, b: b / minorPerMajor };
}
