import type { JournalEntry, OutcomeCounts } from "./journal.ts";
import type { MergePlan } from "./merge.ts";
import type { TurnReport } from "./task-options.ts";
import type { RecordOutcome, TurnResult } from "./turn-plan.ts";

/** How many of the plan's first records came from each input, by rank. */
export function takenByInput<Event>(plan: MergePlan<Event>, taken: number, inputs: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let rank = 0; rank < inputs; rank++) counts.set(rank, 0);
  for (let i = 0; i < taken; i++) {
    const rank = plan.records[i]?.input ?? 0;
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }
  return counts;
}

export function addOutcomes(counts: OutcomeCounts, outcomes: readonly RecordOutcome[]): OutcomeCounts {
  const sum = { ...counts, tick: counts.ticks };
  for (const outcome of outcomes) sum[outcome]++;
  const { tick, ...others } = sum;
  return { ...others, ticks: tick };
}

export function reportOf<State, Event>(
  entry: JournalEntry,
  plan: MergePlan<Event>,
  result: TurnResult<State>,
  where: { readonly partition: number; readonly states: number },
  turnMs: number,
  commitMs: number,
): TurnReport {
  return {
    ...where,
    entry,
    outcomes: result.outcomes.map((outcome, index) => ({
      input: plan.records[index]?.input ?? 0,
      outcome,
      appendedAt: plan.records[index]?.record.appendedAt ?? 0,
    })),
    emitted: result.emitted,
    timersFired: result.timersFired,
    timersChanged: result.timersChanged,
    quarantined: result.quarantined,
    turnMs,
    commitMs,
  };
}
