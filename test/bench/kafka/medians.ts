import { quantilesOf } from "../quantiles.ts";

/** The middle of several values; NaN of none. */
export function medianOf(values: readonly number[]): number {
  return quantilesOf(values).p50;
}

/** "12.3 / 12.5 / 12.1": each run, so that it is seen how much they differ. */
export function runsText(values: readonly number[]): string {
  return values.map((value) => value.toFixed(2)).join(" / ");
}
