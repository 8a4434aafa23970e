import type { LevelOperation } from "./level-instance.ts";
import type { LogLimits } from "./limits.ts";
import { closingOperation } from "./closed-segment.ts";
import { contentOf, type LogState } from "./log-state.ts";

/**
 * Whether the segment that is written to should be closed. Its age is bounded by half of what the topics promise
 * too, since retention and compaction only touch closed segments.
 * @param now append time of what would be written next, ms
 */
export function isSegmentFull({ segment, topics }: LogState, limits: LogLimits, now: number): boolean {
  if (segment.appendedFrom === null) return false;
  if (segment.bytes >= limits.segmentBytesMax) return true;
  let ageMsMax = limits.segmentMsMax;
  for (const { spec } of topics.values()) {
    const { policy } = spec;
    ageMsMax = Math.min(ageMsMax, (policy.cleanup === "delete" ? policy.retentionMs : policy.compactionLagMsMax) / 2);
  }
  return now - segment.appendedFrom >= ageMsMax;
}

/** Opens the next segment in memory; what returns closes the one before on disk. */
export function rollSegment(state: LogState): LevelOperation {
  const closing = closingOperation(contentOf(state, state.segment.number));
  nextSegment(state);
  return closing;
}

export function nextSegment({ segment }: LogState): void {
  segment.number += 1;
  segment.bytes = 0;
  segment.appendedFrom = null;
}
