/** Why data cannot be fitted. */
export type FitErrorCode =
  /** A number that is not finite. */
  | "NOT_FINITE"
  /** A history outside the model's domain: tx > T, a negative time, x no whole number, tx > 0 without a repeat purchase. */
  | "HISTORY_OUT_OF_DOMAIN"
  | "TOO_FEW_CUSTOMERS"
  /** Nobody bought again. */
  | "NO_REPEAT_PURCHASES"
  /** Customers bought again, yet all recencies are 0: times were lost on the way. */
  | "RECENCY_ALL_ZERO"
  /** The likelihood has no maximum with finite parameters that the search reaches. */
  | "NO_MAXIMUM";

/** The data given cannot be fitted; the caller has to give other data. */
export class FitError extends Error {
  override readonly name = "FitError";
  readonly code: FitErrorCode;

  constructor(code: FitErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a reader of a fit has to know about it. */
export interface FitWarning {
  readonly code:
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
    | "REGULARITY_AT_MAX";
  readonly message: string;
}

/** Fewer customers than this are an error. */
const CUSTOMERS_MIN = 10;
/** Below this many a fit warns. */
export const CUSTOMERS_FEW = 200;

/** @throws FitError TOO_FEW_CUSTOMERS */
export function assertCustomers(count: number): void {
  if (count < CUSTOMERS_MIN) {
    throw new FitError("TOO_FEW_CUSTOMERS", `${count} customers: a fit needs at least ${CUSTOMERS_MIN}`);
  }
}
