import { LogCorrupted } from "@tidemark/streams";
import { RESTORE } from "./level-errors.ts";
import { closingOperation, type StoredSegment } from "./closed-segment.ts";
import { readKeys, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import { readMetadata } from "./metadata.ts";

/**
 * Brings a log of format 1 to format 2: what a segment holds lay away from its batches, under `03 segment`, as did the number
 * of the segment that is written to, which is now found by what is there.
 * @returns what to write, together with the new version; @throws LogCorrupted, LogUnavailable
 */
export async function fromFormatOne(level: LevelInstance): Promise<LevelOperation[]> {
  const segments = await readMetadata<StoredSegmentOne>(level, SEGMENT_KEYS_ONE);
  if (segments.at(-1)?.open !== true) throw new LogCorrupted(`the entry of the newest segment was lost: ${RESTORE}`);
  const removals = (await readKeys(level, SEGMENT_KEYS_ONE)).map((key) => ({ type: "del", key }) as const);
  const closed = segments.filter(({ open }) => !open);
  return [...removals, ...closed.map(({ segment, runs }) => closingOperation({ segment, runs }))];
}

const SEGMENT_KEYS_ONE = { gte: Buffer.from([0x03]), lt: Buffer.from([0x04]) };

interface StoredSegmentOne extends StoredSegment {
  /** The segment written to: what it holds is noted when it is closed. */
  readonly open: boolean;
}
