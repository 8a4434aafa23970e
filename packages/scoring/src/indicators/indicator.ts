import type { CustomerView } from "./customer-view.ts";

/**
 * One measure of a customer. A value that is not known is null, never 0: 0 is a statement.
 */
export interface Indicator {
  /** Stable: scorecards and answers refer to it. A name that ends in 365 is of the trailing year, see `trailing-year.ts`. */
  readonly name: string;
  readonly family: IndicatorFamily;
  readonly unit: IndicatorUnit;
  /** Which way is good for the business. */
  readonly better: "higher" | "lower" | "neither";
  /** What must have come, or stand in the model artefact, for the value to be known. */
  readonly needs: readonly IndicatorNeed[];
  /** Whether it changes with events alone; where it is not said, time may change it. */
  readonly steady?: true;
  readonly doc: string;
  /** Pure; finite where it is a number. */
  readonly value: (view: CustomerView) => IndicatorValue;
}

/** A number in the indicator's unit; text where the unit is "name"; null = unknown. */
export type IndicatorValue = number | string | null;

export type IndicatorFamily =
  | "contribution"
  | "behaviour"
  | "loyalty"
  | "satisfaction"
  | "assets"
  | "risk"
  | "potential"
  | "data";

export type IndicatorUnit =
  /** Minor units of the base currency. */
  | "minor"
  | "days"
  | "hours"
  | "count"
  /** 0 to 1, a part of a whole or a probability. */
  | "share"
  /** One number to another, without bounds. */
  | "ratio"
  /** 1 = yes, 0 = no. */
  | "flag"
  /** A place on the scale that the doc names. */
  | "level"
  /** Times in 30 days. */
  | "monthly"
  | "name";

/** Kinds of data by where they come from. */
export type IndicatorNeed =
  | "purchases"
  | "payments"
  | "interactions"
  | "visits"
  | "campaigns"
  | "services"
  | "contracts"
  | "memberships"
  | "referrals"
  | "reviews"
  | "feedback"
  | "support"
  | "complaints"
  | "balances"
  | "customer"
  | "artefact.costToServe"
  | "artefact.referral"
  | "artefact.base";

/** A part over a whole; null where either is unknown or the whole is not above 0. */
export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || !(whole > 0) ? null : part / whole;
}
