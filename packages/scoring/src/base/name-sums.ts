/**
 * Sums by name, of a bounded number of names: the first that come have sums of their own, all others one together. What was
 * added under a name is taken from under it: so a name loses its place only where nothing is left of it, and none is among
 * the others. A name may tell of the one customer who had it, who may be erased.
 */
export class NameSums {
  readonly #width: number;
  readonly #namesMax: number;
  readonly #sums = new Map<string, Float64Array>();
  readonly #other: Float64Array;

  constructor(width: number, namesMax: number) {
    this.#width = width;
    this.#namesMax = namesMax;
    this.#other = new Float64Array(width);
  }

  /** The sums of a name, to be added to. */
  of(name: string): Float64Array {
    const known = this.#sums.get(name);
    if (known !== undefined) return known;
    if (this.#sums.size >= this.#namesMax) return this.#other;
    const sums = new Float64Array(this.#width);
    this.#sums.set(name, sums);
    return sums;
  }

  /** Whether a name has sums of its own. */
  has(name: string): boolean {
    return this.#sums.has(name);
  }

  entries(): Iterable<[string, Float64Array]> {
    return this.#sums.entries();
  }

  /** Of all names that have no place. */
  get other(): Float64Array {
    return this.#other;
  }

  save(): SavedNameSums {
    if (this.#other.every(isZero)) {
      for (const [name, sums] of this.#sums) if (sums.every(isZero)) this.#sums.delete(name);
    }
    return { names: [...this.#sums].map(([name, sums]) => [name, [...sums]]), other: [...this.#other] };
  }

  load({ names, other }: SavedNameSums): void {
    this.#sums.clear();
    for (const [name, sums] of names) this.#sums.set(name, Float64Array.from(sums));
    this.#other.set(other);
  }
}

function isZero(sum: number): boolean {
  return sum === 0;
}

/** Of each kind, in a part of the base. */
export const NAMES_MAX = 64;

export interface SavedNameSums {
  readonly names: readonly (readonly [string, readonly number[]])[];
  readonly other: readonly number[];
}

export function addNames(into: NameSums, from: NameSums): void {
  for (const [name, sums] of from.entries()) addInto(into.of(name), sums);
  addInto(into.other, from.other);
}

function addInto(sums: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (more[i] as number);
}
