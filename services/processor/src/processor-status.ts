import type { StageTimes, TaskStatus } from "@tidemark/streams";

/** How far the tasks of a processor are, as plain data that may go to another thread. */
export interface ProcessorStatus {
  /** All tasks are in turns. */
  readonly ready: boolean;
  /** By partition. */
  readonly tasks: readonly TaskStatus[];
  /** Records that lie in the log and are not applied yet; known only while `ready`. */
  readonly lagRecords: number;
  /** Where the time of all tasks went since the start. */
  readonly stages: Readonly<StageTimes>;
}

/** The status of processors that share the partitions of one. */
export function sumStatus(parts: readonly ProcessorStatus[]): ProcessorStatus {
  return {
    ready: parts.every(({ ready }) => ready),
    tasks: parts.flatMap(({ tasks }) => tasks).toSorted((one, other) => one.partition - other.partition),
    lagRecords: parts.reduce((sum, { lagRecords }) => sum + lagRecords, 0),
    stages: sumStages(parts.map(({ stages }) => stages)),
  };
}

/** Before anything is known. */
export function noStatus(): ProcessorStatus {
  return { ready: false, tasks: [], lagRecords: 0, stages: sumStages([]) };
}

export function sumStages(all: readonly Readonly<StageTimes>[]): StageTimes {
  const sum: StageTimes = {
    readMs: 0,
    decodeMs: 0,
    stateMs: 0,
    applyMs: 0,
    scoreMs: 0,
    encodeMs: 0,
    commitMs: 0,
    storeMs: 0,
  };
  for (const stages of all) {
    for (const stage of Object.keys(sum) as (keyof StageTimes)[]) sum[stage] += stages[stage];
  }
  return sum;
}
