import { shrinkingOperations } from "./closed-segment.ts";
import { batchKeys, OFFSET_BEYOND } from "./keys.ts";
import { readKeys } from "./level-instance.ts";
import { contentOf, partitionOperation, type LogState } from "./log-state.ts";
import type { MaintenanceContext } from "./maintenance.ts";
import { placeOf, type Partition, type Run } from "./partition.ts";

/**
 * Takes from a partition the closed segments whose newest record is older than the retention, and deletes them on
 * disk in bounded steps. The start moves first, in memory and then on disk: a reader is told that it is out of range
 * and never finds a hole, and after a crash the deletion goes on.
 * @param before append time, ms: what is older goes
 */
export async function expire(
  { storage, clock, signal, onRemoved }: MaintenanceContext,
  state: LogState,
  partition: Partition,
  before: number,
): Promise<void> {
  const { runs, expired } = partition;
  let moved = false;
  for (let run = runs[0]; run !== undefined && isExpired(state, run, before); run = runs[0]) {
    runs.shift();
    expired.push(run);
    partition.start = run.end;
    moved = true;
  }
  if (moved) await storage.write(state, [partitionOperation(state, partition)]);
  for (let run = expired[0]; run !== undefined && !signal.aborted; run = expired[0]) {
    const range = batchKeys(placeOf(partition, run), 0, OFFSET_BEYOND);
    const keys = await readKeys(storage.level, { ...range, limit: DELETES_MAX });
    if (keys.length > 0) {
      const deletions = keys.map((key) => ({ type: "del", key }) as const);
      await storage.write(state, deletions);
      onRemoved(run.segment);
      await clock.yield();
    } else {
      expired.shift();
      await storage.write(state, shrinkingOperations(contentOf(state, run.segment)));
    }
  }
}

/** Batches deleted in one write. */
const DELETES_MAX = 500;

function isExpired(state: LogState, run: Run, before: number): boolean {
  return run.segment !== state.segment.number && run.appendedTo < before;
}
