import { InvalidArgumentError } from "commander";
import { readDay } from "../import/time-text.ts";

/** Parsers of options that are no settings; what they throw ends the command with the exit code of wrong usage. */

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/u.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

export function positiveNumber(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}(\.\d{1,9})?$/u.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number above 0, at most ${max}.`);
  };
}

/** Up to one half. */
export function share(text: string): number {
  const value = /^0?(\.\d{1,9})?$/u.test(text) && text !== "" ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 0.5) return value;
  throw new InvalidArgumentError("It must be a number from 0 to 0.5.");
}

/** A date as a local day, days since 1970-01-01. */
export function day(text: string): number {
  const value = readDay(text);
  if (value === null) throw new InvalidArgumentError("It must be a date such as 2024-03-31.");
  return value;
}

/** Bands of churn with commas between them, ascending. */
export function bands(text: string): readonly number[] {
  const values = text.split(",").map((part) => (/^0?\.\d{1,9}$/u.test(part) ? Number(part) : Number.NaN));
  const isAscending = values.every((value, i) => value > (values[i - 1] ?? 0));
  if (isAscending && values.length <= BANDS_MAX) return values;
  throw new InvalidArgumentError(
    `It must be at most ${BANDS_MAX} numbers between 0 and 1, ascending, such as 0.5,0.7.`,
  );
}

const BANDS_MAX = 6;
