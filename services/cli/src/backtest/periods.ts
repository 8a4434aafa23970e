import { CommandFailed, exitCodes } from "../failure.ts";
import type { PurchaseDays } from "./purchase-days.ts";
import { counted, dateOf } from "./words.ts";

/** @throws CommandFailed (usage) unless somebody bought by the calibration day */
export function checkCalibration(days: PurchaseDays, calibrationDay: number): void {
  if (calibrationDay >= days.firstDay) return;
  throw new CommandFailed(
    exitCodes.usage,
    `nobody bought by ${dateOf(calibrationDay)}: ${rangeOf(days)}; ${suggestion(days)}`,
  );
}

/**
 * The days of the hold-out: as asked for, else as many as the file has after the calibration, up to a year.
 * @throws CommandFailed (usage) where the file ends with the calibration or before
 */
export function horizonFor(days: PurchaseDays, calibrationDay: number, asked: number | undefined): number {
  checkCalibration(days, calibrationDay);
  const left = days.lastDay - calibrationDay;
  if (left > 0) return asked ?? Math.min(left, HORIZON_DAYS_MAX);
  throw new CommandFailed(
    exitCodes.usage,
    `nothing comes after ${dateOf(calibrationDay)} to test a forecast by: ${rangeOf(days)}; ${suggestion(days)}`,
  );
}

const HORIZON_DAYS_MAX = 365;

/** Null, or what to know where the hold-out goes on after the file's last purchase. */
export function holdOutWarning(days: PurchaseDays, calibrationDay: number, horizonDays: number): string | null {
  const missing = calibrationDay + horizonDays - days.lastDay;
  if (missing <= 0) return null;
  return (
    `the hold-out goes on for ${counted(missing)} days after the file's last purchase (${dateOf(days.lastDay)}): ` +
    `if the file was written before its end, customers look silent who were not; try --horizon-days ${horizonDays - missing}`
  );
}

function rangeOf({ firstDay, lastDay }: PurchaseDays): string {
  return firstDay === lastDay
    ? `all purchases of the file are of ${dateOf(firstDay)}`
    : `the file's purchases are from ${dateOf(firstDay)} to ${dateOf(lastDay)}`;
}

function suggestion({ firstDay, lastDay }: PurchaseDays): string {
  if (lastDay - firstDay < 2) return "take a file over a longer time";
  return `try --calibrate-until ${dateOf(firstDay + Math.floor(((lastDay - firstDay) * 2) / 3))}`;
}
