import { sbgChurn, type SbgParameters, sbgSurvival } from "@tidemark/models";
import type { FrequencyChartData } from "../charts/frequency-chart.ts";
import type { TrackingChartData } from "../charts/tracking-chart.ts";
import { WEEK } from "./observed-customers.ts";
import { type Contract, GRACE, type Renewals } from "./renewals.ts";
import { frequencies } from "./repeat-purchases.ts";

/** Renewals by the week in which they were due, those made and those expected: Σ S_k. */
export function trackedRenewals(
  { contracts, periodDays }: Renewals,
  parameters: SbgParameters,
  firstDay: number,
  calibrationDay: number,
): TrackingChartData["weeks"] {
  const weekCount = Math.max(1, Math.floor((calibrationDay - firstDay + 1) / WEEK));
  const made = new Float64Array(weekCount);
  const due = new Float64Array(weekCount);
  for (const contract of contracts) {
    const last = renewalsDue(contract, periodDays, calibrationDay);
    for (let k = 1; k <= last; k++) {
      const week = Math.floor((contract.firstDay + k * periodDays - firstDay) / WEEK);
      if (week >= weekCount) break;
      due[week] = (due[week] ?? 0) + sbgSurvival(parameters, k);
      if (k <= contract.renewals) made[week] = (made[week] ?? 0) + 1;
    }
  }
  let [actual, expected] = [0, 0];
  return Array.from(made, (count, i) => {
    actual += count;
    expected += due[i] ?? 0;
    return { week: i + 1, actual, expected };
  });
}

/** Customers by their renewals, and how many the model expects of contracts as old as theirs. */
export function renewalFrequencies(
  { contracts, periodDays }: Renewals,
  parameters: SbgParameters,
  calibrationDay: number,
): FrequencyChartData["frequencies"] {
  const dueCounts = new Map<number, number>();
  for (const contract of contracts) {
    const due = renewalsDue(contract, periodDays, calibrationDay);
    dueCounts.set(due, (dueCounts.get(due) ?? 0) + 1);
  }
  return frequencies(
    contracts.map(({ renewals }) => renewals),
    (n) => {
      let expected = 0;
      for (const [due, count] of dueCounts) {
        if (n < due) expected += count * sbgChurn(parameters, n + 1);
        else if (n === due) expected += count * sbgSurvival(parameters, n);
      }
      return expected;
    },
  );
}

/** How many renewals it is known of whether they were made. */
function renewalsDue({ firstDay, renewals, left }: Contract, periodDays: number, calibrationDay: number): number {
  if (!left) return renewals;
  return Math.max(renewals + 1, Math.floor((calibrationDay - firstDay) / periodDays - GRACE));
}
