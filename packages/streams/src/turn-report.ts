import type { JournalEntry, OutcomeCounts } from "./journal.ts";
import type { MergePlan } from "./merge.ts";
import type { TaskStatus, TurnReport } from "./task-options.ts";
import type { RecordOutcome, TurnResult } from "./turn-plan.ts";

/** Outcomes of the plan's first records, by the rank of their input; the TICK topic's last. */
export function outcomesByInput(
  plan: MergePlan,
  outcomes: readonly RecordOutcome[],
  inputs: number,
): readonly OutcomeCounts[] {
  const counts = Array.from({ length: inputs }, () => ({
    applied: 0,
    duplicate: 0,
    suppressed: 0,
    deadLetter: 0,
    ticks: 0,
  }));
  for (let index = 0; index < outcomes.length; index++) {
    const ofInput = counts[plan.inputs[index] ?? 0];
    if (ofInput !== undefined) ofInput[outcomes[index] as RecordOutcome]++;
  }
  return counts;
}

/** How many records the outcomes are of. */
export function taken({ applied, duplicate, suppressed, deadLetter, ticks }: OutcomeCounts): number {
  return applied + duplicate + suppressed + deadLetter + ticks;
}

export function addOutcomes(before: OutcomeCounts, byInput: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = { ...before };
  for (const counts of byInput) {
    sum.applied += counts.applied;
    sum.duplicate += counts.duplicate;
    sum.suppressed += counts.suppressed;
    sum.deadLetter += counts.deadLetter;
    sum.ticks += counts.ticks;
  }
  return sum;
}

export function reportOf(
  entry: JournalEntry,
  plan: MergePlan,
  result: TurnResult,
  byInput: readonly OutcomeCounts[],
  where: { readonly partition: number; readonly states: number },
  turnMs: number,
  commitMs: number,
): TurnReport {
  return {
    ...where,
    entry,
    outcomesByInput: byInput,
    oldestAppendedAt: result.taken > 0 ? (plan.records[0]?.appendedAt ?? null) : null,
    emitted: result.emitted,
    timersFired: result.timersFired,
    timersChanged: result.timersChanged,
    rescored: result.rescored,
    quarantined: result.quarantined,
    turnMs,
    commitMs,
  };
}

/** What a journal entry says of a task. */
export function statusOf({
  turn,
  tickMs,
  counts,
  minReaderVersion,
  model,
  sweepAfter,
}: JournalEntry): Partial<TaskStatus> {
  return { turn, tickMs, counts, readerVersionMin: minReaderVersion, model, sweeping: sweepAfter !== null };
}
