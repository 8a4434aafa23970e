/**
 * Sums by month, of a bounded number of months: {@link MONTHS_MAX}, or as many as are asked for, up to the newest that came. Older ones are one sum together, so that
 * running totals stay whole.
 */
export class MonthSums {
  readonly #width: number;
  readonly #monthsMax: number;
  readonly #months: Float64Array;
  readonly #before: Float64Array;
  /** The oldest month kept by itself. */
  #first = 0;

  constructor(width: number, monthsMax = MONTHS_MAX) {
    this.#width = width;
    this.#monthsMax = monthsMax;
    this.#months = new Float64Array(width * monthsMax);
    this.#before = new Float64Array(width);
  }

  add(month: number, index: number, value: number): void {
    if (month >= this.#first + this.#monthsMax) this.#moveTo(month - this.#monthsMax + 1);
    const sums = month < this.#first ? this.#before : this.#months;
    const place = month < this.#first ? index : (month - this.#first) * this.#width + index;
    sums[place] = (sums[place] as number) + value;
  }

  get first(): number {
    return this.#first;
  }

  /** 0 for a month after the newest. @param month not before `first` */
  at(month: number, index: number): number {
    return this.#months[(month - this.#first) * this.#width + index] ?? 0;
  }

  /** Of all months before `first`. */
  before(index: number): number {
    return this.#before[index] ?? 0;
  }

  #moveTo(first: number): void {
    const gone = Math.min(this.#monthsMax, first - this.#first) * this.#width;
    for (let place = 0; place < gone; place++) {
      const index = place % this.#width;
      this.#before[index] = (this.#before[index] as number) + (this.#months[place] as number);
    }
    this.#months.copyWithin(0, gone);
    this.#months.fill(0, this.#months.length - gone);
    this.#first = first;
  }

  get isEmpty(): boolean {
    return this.#before.every(isZero) && this.#months.every(isZero);
  }

  /** Adds another's of as many months, month by month as far as both keep it by itself. */
  addAll(other: MonthSums): void {
    if (other.#first > this.#first) this.#moveTo(other.#first);
    for (let index = 0; index < this.#width; index++) {
      this.#before[index] = (this.#before[index] as number) + other.before(index);
      for (let month = other.#first; month < other.#first + other.#monthsMax; month++) {
        const value = other.at(month, index);
        if (value !== 0) this.add(month, index, value);
      }
    }
  }

  save(): SavedMonthSums {
    const entries: [number, number][] = [];
    for (const [place, value] of this.#months.entries()) if (value !== 0) entries.push([place, value]);
    return { first: this.#first, before: [...this.#before], entries };
  }

  load({ first, before, entries }: SavedMonthSums): void {
    this.#first = first;
    this.#before.set(before);
    this.#months.fill(0);
    for (const [place, value] of entries) this.#months[place] = value;
  }
}

function isZero(sum: number): boolean {
  return sum === 0;
}

/** Three years up to now, and what is known of the months ahead: who lapses by then if nothing happens. */
export const MONTHS_MAX = 36 + 12;

export interface SavedMonthSums {
  readonly first: number;
  readonly before: readonly number[];
  /** Those that are not 0. */
  readonly entries: readonly (readonly [number, number])[];
}
