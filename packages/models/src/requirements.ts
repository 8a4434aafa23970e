import { InvalidInput, type InvalidInputCode, Unfittable } from "./errors.ts";

/** Checks of what is handed in: each returns, or says by a code what is wrong. */

/** @throws InvalidInput EMPTY, NOT_FINITE */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  requireSome(name, values);
  requireEach(name, values, Number.isFinite, "NOT_FINITE", "a finite number");
}

/** @throws InvalidInput EMPTY, NOT_FINITE, NOT_BINARY */
export function requireBinary(name: string, values: ArrayLike<number>): void {
  requireFinite(name, values);
  requireEach(name, values, (value) => value === 0 || value === 1, "NOT_BINARY", "0 or 1");
}

/** @throws InvalidInput EMPTY, NOT_FINITE, NOT_PROBABILITY */
export function requireProbabilities(name: string, values: ArrayLike<number>): void {
  requireFinite(name, values);
  requireEach(name, values, (value) => value >= 0 && value <= 1, "NOT_PROBABILITY", "between 0 and 1");
}

/** Finite and none below 0. @throws InvalidInput EMPTY, NOT_FINITE, NEGATIVE */
export function requireNotNegative(name: string, values: ArrayLike<number>): void {
  requireFinite(name, values);
  requireEach(name, values, (value) => value >= 0, "NEGATIVE", "0 or more");
}

/** Finite, none below 0, one above. @throws InvalidInput EMPTY, NOT_FINITE, NEGATIVE, OUT_OF_RANGE */
export function requireWeights(name: string, values: ArrayLike<number>): void {
  requireNotNegative(name, values);
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > 0) return;
  throw new InvalidInput("OUT_OF_RANGE", `every one of ${name} is 0: one must be above`);
}

/** How many times each row counts: as handed in and checked, or 1. @throws InvalidInput LENGTHS_DIFFER, NOT_FINITE, NEGATIVE, OUT_OF_RANGE */
export function weightsOf(weights: ArrayLike<number> | undefined, rows: number): ArrayLike<number> {
  if (weights === undefined) return new Float64Array(rows).fill(1);
  requireLength("weights", weights, rows);
  requireWeights("weights", weights);
  return weights;
}

/** @throws InvalidInput LENGTHS_DIFFER */
export function requireLength(name: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) {
    throw new InvalidInput("LENGTHS_DIFFER", `${name} has ${values.length} values where there are ${length} rows`);
  }
}

/** A whole number from `min` up. @throws InvalidInput OUT_OF_RANGE */
export function requireCount(name: string, value: number, min = 1): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new InvalidInput("OUT_OF_RANGE", `${name} is ${value}: a whole number from ${min} up is needed`);
  }
}

function requireSome(name: string, values: ArrayLike<number>): void {
  if (values.length === 0) throw new InvalidInput("EMPTY", `${name} is empty`);
}

function requireEach(
  name: string,
  values: ArrayLike<number>,
  holds: (value: number) => boolean,
  code: InvalidInputCode,
  needed: string,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!holds(value)) throw new InvalidInput(code, `${name}[${i}] is ${value}: it must be ${needed}`);
  }
}

/** Fewer customers than this cannot be fitted. */
const CUSTOMERS_MIN = 10;

/** @throws Unfittable TOO_FEW_CUSTOMERS */
export function requireCustomers(count: number): void {
  if (count < CUSTOMERS_MIN) {
    throw new Unfittable(
      "TOO_FEW_CUSTOMERS",
      `a fit needs at least ${CUSTOMERS_MIN} customers, there ${count === 1 ? "is" : "are"} ${count}`,
    );
  }
}
