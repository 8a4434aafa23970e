/**
 * What a customer's next change waits for while nothing happens: instants that are known, and boundaries of churn and value that may be
 * crossed at an instant that is not.
 */
export class Watch {
  /** The first known instant after `asOf`, ms; Infinity = none. */
  next = Infinity;
  readonly #asOf: number;
  /** Few, so that flat lists do. */
  readonly #kinds: BoundaryKind[] = [];
  readonly #levels: number[] = [];
  readonly #froms: number[] = [];

  /** @param asOf ms; what instants up to it bring has been judged */
  constructor(asOf: number) {
    this.#asOf = asOf;
  }

  /** Something may change at that instant, ms. */
  at(at: number): void {
    if (at > this.#asOf && at < this.next) this.next = at;
  }

  /** Something changes once churn is at or above the boundary, from that instant on, ms. */
  churnReaches(churn: number, from: number): void {
    this.#add("churnFrom", churn, from);
  }

  /** Something changes once churn is below the boundary, from that instant on, ms. */
  churnFallsBelow(churn: number, from: number): void {
    this.#add("churnBelow", churn, from);
  }

  /** Something changes once the expected value is at or above the boundary, minor units, from that instant on, ms. */
  worthReaches(minor: number, from: number): void {
    this.#add("worthFrom", minor, from);
  }

  /** Something changes once the expected value is below the boundary, minor units, from that instant on, ms. */
  worthFallsBelow(minor: number, from: number): void {
    this.#add("worthBelow", minor, from);
  }

  /** The boundaries in force at an instant, ms, of each kind the nearest. */
  boundariesAt(at: number): Boundaries {
    const boundaries = { churnFrom: Infinity, churnBelow: -Infinity, worthFrom: Infinity, worthBelow: -Infinity };
    for (let i = 0; i < this.#kinds.length; i++) {
      if ((this.#froms[i] as number) > at) continue;
      const level = this.#levels[i] as number;
      switch (this.#kinds[i]) {
        case "churnFrom":
          boundaries.churnFrom = Math.min(boundaries.churnFrom, level);
          break;
        case "churnBelow":
          boundaries.churnBelow = Math.max(boundaries.churnBelow, level);
          break;
        case "worthFrom":
          boundaries.worthFrom = Math.min(boundaries.worthFrom, level);
          break;
        case "worthBelow":
          boundaries.worthBelow = Math.max(boundaries.worthBelow, level);
          break;
        default:
      }
    }
    return boundaries;
  }

  /** The first instant after that one at which a boundary comes into force; Infinity = none. */
  markAfter(at: number): number {
    let mark = Infinity;
    for (const from of this.#froms) if (from > at && from < mark) mark = from;
    return mark;
  }

  #add(kind: BoundaryKind, level: number, from: number): void {
    this.#kinds.push(kind);
    this.#levels.push(level);
    this.#froms.push(from);
  }
}

type BoundaryKind = keyof Boundaries;

export interface Boundaries {
  readonly churnFrom: number;
  readonly churnBelow: number;
  readonly worthFrom: number;
  readonly worthBelow: number;
}
