import { MonthSums, type SavedMonthSums } from "./month-sums.ts";
import type { NameSums } from "./name-sums.ts";

/**
 * Sums by name and month. A name has sums of its own where it has a place among other sums by name, which bound their number and
 * are changed first: so what is said of a name by month is of the same customers as what else is said of it.
 */
export class NameMonths {
  readonly #width: number;
  readonly #places: NameSums;
  readonly #months = new Map<string, MonthSums>();
  /** Of all names that have no place. */
  readonly other: MonthSums;

  constructor(width: number, places: NameSums) {
    this.#width = width;
    this.#places = places;
    this.other = new MonthSums(width, NAME_MONTHS_MAX);
  }

  /** The sums of a name, to be added to. */
  of(name: string): MonthSums {
    const known = this.#months.get(name);
    if (known !== undefined) return known;
    if (!this.#places.has(name)) return this.other;
    const months = new MonthSums(this.#width, NAME_MONTHS_MAX);
    this.#months.set(name, months);
    return months;
  }

  /** @returns null where a name has none of its own */
  get(name: string): MonthSums | null {
    return this.#months.get(name) ?? null;
  }

  /** All names but some, and those that have no place, together. */
  without(names: ReadonlySet<string>): MonthSums {
    const sum = new MonthSums(this.#width, NAME_MONTHS_MAX);
    sum.addAll(this.other);
    for (const [name, months] of this.#months) if (!names.has(name)) sum.addAll(months);
    return sum;
  }

  /** Those whose names have a place here must have got it before. */
  addAll(from: NameMonths): void {
    for (const [name, months] of from.#months) this.of(name).addAll(months);
    this.other.addAll(from.other);
  }

  /** A name that has lost its place has nothing left: what is empty is forgotten, and made again where it is needed. */
  save(): SavedNameMonths {
    for (const [name, months] of this.#months) if (months.isEmpty) this.#months.delete(name);
    return { names: [...this.#months].map(([name, months]) => [name, months.save()]), other: this.other.save() };
  }

  load({ names, other }: SavedNameMonths): void {
    for (const [name, saved] of names) this.of(name).load(saved);
    this.other.load(other);
  }
}

/** A year that is over, the running month, and a year ahead: who lapses by then if nothing happens. */
export const NAME_MONTHS_MAX = 12 + 1 + 12;

export interface SavedNameMonths {
  readonly names: readonly (readonly [string, SavedMonthSums])[];
  readonly other: SavedMonthSums;
}
