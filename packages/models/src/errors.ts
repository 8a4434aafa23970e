/**
 * The errors of this package, named by what the caller must do. Each carries a stable `code`, and the `cause` where there is one.
 *
 *   InvalidInput   mend the call: numbers that no answer can be computed from
 *   Unfittable     give other data, or fit another model: the numbers are in order, but do not determine an answer
 */

export type InvalidInputCode =
  | "EMPTY"
  | "LENGTHS_DIFFER"
  | "NOT_FINITE"
  | "NOT_BINARY"
  | "NOT_PROBABILITY"
  | "NEGATIVE"
  | "OUT_OF_RANGE"
  /** A history that no customer can have: tx > T, a negative time, x no whole number, tx > 0 without a repeat purchase. */
  | "HISTORY_OUT_OF_DOMAIN"
  /** Customers bought again, yet all recencies are 0: times were lost on the way. */
  | "RECENCY_ALL_ZERO";

/** Numbers that no answer can be computed from: a mistake of the caller, never of the data's luck. */
export class InvalidInput extends RangeError {
  override readonly name = "InvalidInput";
  readonly code: InvalidInputCode;

  constructor(code: InvalidInputCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type UnfittableCode =
  | "TOO_FEW_CUSTOMERS"
  /** Nobody bought again. */
  | "NO_REPEAT_PURCHASES"
  /** Customers bought again, but for nothing. */
  | "NO_SPEND"
  /** No contract ended. */
  | "NOBODY_LEFT"
  /** The likelihood is finite at no start of the search. */
  | "NO_MAXIMUM"
  /** A combination of the columns parts the outcomes without error; a penalty gives an answer. */
  | "SEPARATED"
  /** Every outcome is 0, or every one is 1, and the intercept is free: there is nothing to tell apart. */
  | "ONE_OUTCOME"
  /** A column is constant or a combination of others; leave it out, or a penalty gives an answer. */
  | "SINGULAR";

/** The data are well formed, but hold no finite or no single answer to what was asked. */
export class Unfittable extends Error {
  override readonly name = "Unfittable";
  readonly code: UnfittableCode;

  constructor(code: UnfittableCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a reader of a fit has to know about it; the fit stands nevertheless. */
export interface FitWarning<Code extends FitWarningCode = FitWarningCode> {
  readonly code: Code;
  readonly message: string;
}

export type FitWarningCode =
  /** The last iterate, near the optimum at best. */
  | "NOT_CONVERGED"
  /** Parameters run off together: only what they have in common is known. */
  | "NOT_IDENTIFIED"
  | "FEW_CUSTOMERS"
  /** Spend a purchase goes with the number of purchases, which Gamma-Gamma takes as independent. */
  | "SPEND_DEPENDS_ON_FREQUENCY"
  /** Customers whose repeat purchases were worth nothing were left out. */
  | "NO_SPEND_LEFT_OUT"
  /** The mean spend of the population does not exist: q ≤ 1. */
  | "MEAN_SPEND_INFINITE"
  /** The likelihood still rose at the greatest k that is tried. */
  | "REGULARITY_AT_MAX"
  /** Finite only by the penalty. */
  | "SEPARATED"
  /** The season is guessed from a part of the year. */
  | "LESS_THAN_A_YEAR";
