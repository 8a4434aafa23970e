import { MonthSums, type SavedMonthSums } from "./month-sums.ts";

/**
 * Sums by name and month, of a bounded number of names, as `NameSums` keeps sums by name: the first that come have their own, all others
 * one together, and a name loses its place only where nothing is left of it and none is among the others.
 */
export class NamedMonths {
  readonly #width: number;
  readonly #namesMax: number;
  readonly #sums = new Map<string, MonthSums>();
  readonly other: MonthSums;

  constructor(width: number, namesMax: number) {
    this.#width = width;
    this.#namesMax = namesMax;
    this.other = new MonthSums(width);
  }

  /** The sums of a name, to be added to. */
  of(name: string): MonthSums {
    const known = this.#sums.get(name);
    if (known !== undefined) return known;
    if (this.#sums.size >= this.#namesMax) return this.other;
    const sums = new MonthSums(this.#width);
    this.#sums.set(name, sums);
    return sums;
  }

  /** The sums of a name that has a place. */
  get(name: string): MonthSums | undefined {
    return this.#sums.get(name);
  }

  entries(): Iterable<[string, MonthSums]> {
    return this.#sums.entries();
  }

  save(): SavedNamedMonths {
    if (this.other.isZero()) {
      for (const [name, sums] of this.#sums) if (sums.isZero()) this.#sums.delete(name);
    }
    return { names: [...this.#sums].map(([name, sums]) => [name, sums.save()]), other: this.other.save() };
  }

  load({ names, other }: SavedNamedMonths): void {
    this.#sums.clear();
    for (const [name, saved] of names) {
      const sums = new MonthSums(this.#width);
      sums.load(saved);
      this.#sums.set(name, sums);
    }
    this.other.load(other);
  }
}

export interface SavedNamedMonths {
  readonly names: readonly (readonly [string, SavedMonthSums])[];
  readonly other: SavedMonthSums;
}

export function addNamedMonths(into: NamedMonths, from: NamedMonths): void {
  for (const [name, sums] of from.entries()) into.of(name).addAll(sums);
  into.other.addAll(from.other);
}
