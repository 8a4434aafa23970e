import { systemClock } from "@tidemark/clock";
import type { EventLog } from "@tidemark/streams";
import type { Score } from "./value-model.ts";
import { SCORE } from "./workload-application.ts";
import { openWorkloadLog } from "./workload-log.ts";
import { PARTITIONS } from "./workload-topics.ts";

export interface CompareScoresInput {
  readonly broker: string;
  /** The topics that two programs have written their scores of the same events to. */
  readonly topics: readonly [string, string];
}

export interface ScoresCompared {
  /** That either has scored. */
  readonly customers: number;
  /** Whose last scores say the same. */
  readonly same: number;
}

/**
 * Compares the last scores of each customer. Where topics are read beside each other events may be applied in another order, which
 * tiers and open complaints go by: so a few may differ.
 */
export async function compareScoresJob({ broker, topics }: CompareScoresInput): Promise<ScoresCompared> {
  const log = await openWorkloadLog({ kind: "kafka", broker }, "bench-compare", systemClock());
  const [ours, theirs] = [await lastScores(log, topics[0]), await lastScores(log, topics[1])];
  await log.close();
  const customers = new Set([...ours.keys(), ...theirs.keys()]);
  let same = 0;
  for (const customer of customers) if (alike(ours.get(customer), theirs.get(customer))) same++;
  return { customers: customers.size, same };
}

async function lastScores(log: EventLog, topic: string): Promise<Map<string, Score>> {
  const scores = new Map<string, Score>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { end, start } = await log.offsets(topic, partition);
    for (let offset = start; offset < end;) {
      const [slice] = await log.fetch([{ topic, partition, offset }], {
        bytesMaxPerPartition: 4_000_000,
        waitMsMax: 0,
        signal: new AbortController().signal,
      });
      for (const { value } of slice?.records ?? []) {
        const score = value === null ? null : SCORE.decode(value);
        if (score !== null) scores.set(score.customerId, score);
      }
      offset = slice?.offsetNext ?? end;
    }
  }
  return scores;
}

function alike(a: Score | undefined, b: Score | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const whole = a.version === b.version && a.asOf === b.asOf && a.tier === b.tier;
  const terms = a.reasons.every((reason, index) => near(reason, b.reasons[index] ?? Number.NaN));
  return whole && terms && near(a.valueMinor, b.valueMinor) && near(a.churnRisk, b.churnRisk);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}
