import { groupMark, isSegmentMark, SEGMENT_KEYS, segmentKey, segmentOf } from "./keys.ts";
import { readKeys, readMany, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import { decodeMetadata, encodeMetadata } from "./metadata.ts";

/** What is noted of a segment when it is closed. */
export interface StoredSegment {
  readonly segment: number;
  /** Topic id, partition, end, oldest and newest append time. */
  readonly runs: readonly (readonly [number, number, number, number, number])[];
}

export interface StoredSegments {
  readonly closed: readonly StoredSegment[];
  /** The number of the segment that is written to. */
  readonly open: number;
}

export function closingOperation(stored: StoredSegment): LevelOperation {
  return { type: "put", key: segmentKey(stored.segment), value: encodeMetadata(stored) };
}

/** When some of what it held is gone: removes what is told of it where nothing is left. */
export function shrinkingOperations(stored: StoredSegment): LevelOperation[] {
  if (stored.runs.length > 0) return [closingOperation(stored)];
  return [groupMark(stored.segment), segmentKey(stored.segment)].map((key) => ({ type: "del", key }));
}

/**
 * All segments of which something is left: those that were closed are closed by their last key, and the last one that is not is written to.
 * @throws LogCorrupted, LogUnavailable
 */
export async function loadSegments(level: LevelInstance): Promise<StoredSegments> {
  const [first] = await readKeys(level, { ...SEGMENT_KEYS, limit: 1 });
  const last = await lastSegmentKey(level);
  if (first === undefined || last === undefined) return { closed: [], open: 0 };
  const newest = segmentOf(last);
  const open = last.equals(segmentKey(newest)) ? newest + 1 : newest;
  const closed: StoredSegment[] = [];
  for (let from = segmentOf(first); from < open; from += LOT) {
    const keys = Array.from({ length: Math.min(LOT, open - from) }, (_, index) => segmentKey(from + index));
    for (const value of await readMany(level, keys)) {
      if (value !== undefined) closed.push(decodeMetadata(value) as StoredSegment);
    }
  }
  return { closed, open };
}

/** The last of all: of a batch, or closing a segment. Behind it may lie what a purge has put there that was ended in the middle. */
export async function lastSegmentKey(level: LevelInstance): Promise<Buffer | undefined> {
  let { lt } = SEGMENT_KEYS;
  for (;;) {
    const [key] = await readKeys(level, { ...SEGMENT_KEYS, lt, limit: 1, reverse: true });
    if (key === undefined || !isSegmentMark(key)) return key;
    lt = key;
  }
}

/** Entries read in one go. */
const LOT = 500;
