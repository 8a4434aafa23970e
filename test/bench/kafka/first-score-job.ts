import { systemClock } from "@tidemark/clock";
import type { Position } from "@tidemark/streams";
import type { JobContext } from "../job-context.ts";
import { openWorkloadLog } from "./workload-log.ts";
import { PARTITIONS } from "./workload-topics.ts";

export interface FirstScoreInput {
  readonly broker: string;
  /** The topic of the scores. */
  readonly scores: string;
}

/** @returns when the first score after those that are there now could be read, ms since the epoch; NaN if it was stopped before */
export async function firstScoreJob(
  { broker, scores: topic }: FirstScoreInput,
  { signal, ready }: JobContext,
): Promise<number> {
  const log = await openWorkloadLog({ kind: "kafka", broker }, "bench-reader", systemClock());
  let positions: readonly Position[] = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => ({
      topic,
      partition,
      offset: (await log.offsets(topic, partition)).end,
    })),
  );
  ready(null);
  while (!signal.aborted) {
    const slices = await log.fetch(positions, { bytesMaxPerPartition: 1, waitMsMax: 500, signal });
    if (slices.some(({ records }) => records.length > 0)) return Date.now();
    positions = slices.map(({ partition, offsetNext }) => ({ topic, partition, offset: offsetNext }));
  }
  return Number.NaN;
}
