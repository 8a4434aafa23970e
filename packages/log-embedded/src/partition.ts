import { OffsetOutOfRange } from "@tidemark/streams";
import type { BatchPlace } from "./keys.ts";

/**
 * What is known in memory of one partition.
 *
 *  P1 `runs` are in order and without gaps: the first begins at `start`, each where the one before ends, the last
 *     ends at `end`.
 *  P2 Everything before `end` is synced; nothing at or after it is visible.
 */
export interface Partition {
  readonly topic: string;
  readonly topicId: number;
  readonly index: number;
  start: number;
  end: number;
  /** Append time of the group in flight, if it writes to this partition. */
  pendingAt: number | null;
  readonly runs: Run[];
  /** Runs that retention took out of `runs`, whose batches are still to be deleted. */
  readonly expired: Run[];
  /** Before this offset compaction has left one record of each key, {@link compactedRecords} in all. */
  compactedTo: number;
  compactedRecords: number;
  /** Append time of the oldest tombstone that compaction has left, ms; null = it has left none. */
  tombstonesFrom: number | null;
  /** Fetches that wait for this partition. */
  readonly waiting: Set<() => void>;
}

/** The batches of one partition in one segment. */
export interface Run {
  readonly segment: number;
  /** One past its last offset. */
  end: number;
  /** Bounds of the append times, ms: no record is older or newer. */
  readonly appendedFrom: number;
  appendedTo: number;
}

export function emptyPartition(topic: string, topicId: number, index: number): Partition {
  return {
    topic,
    topicId,
    index,
    start: 0,
    end: 0,
    pendingAt: null,
    runs: [],
    expired: [],
    compactedTo: 0,
    compactedRecords: 0,
    tombstonesFrom: null,
    waiting: new Set(),
  };
}

export function placeOf(partition: Partition, run: Run): BatchPlace {
  return { segment: run.segment, topicId: partition.topicId, partition: partition.index };
}

/** The run that holds `offset`, or would if it were not at the end. */
export function runAt({ runs }: Partition, offset: number): Run | undefined {
  return firstNotBefore(runs, ({ end }) => end <= offset);
}

/** What the partition has in a segment, or had until retention took it out. */
export function runIn({ runs, expired }: Partition, segment: number): Run | undefined {
  const run = firstNotBefore(runs, (other) => other.segment < segment);
  return run?.segment === segment ? run : expired.find((other) => other.segment === segment);
}

/** @param isBefore true of some first runs and of none behind them */
function firstNotBefore(runs: readonly Run[], isBefore: (run: Run) => boolean): Run | undefined {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(runs[middle] as Run)) low = middle + 1;
    else high = middle;
  }
  return runs[low];
}

/** L7. @throws OffsetOutOfRange */
export function requireInRange(partition: Partition, offset: number): void {
  if (offset >= partition.start && offset <= partition.end) return;
  throw new OffsetOutOfRange(
    `${partition.topic}/${partition.index} holds offsets ${partition.start} to ${partition.end}, ${offset} was asked for`,
  );
}
