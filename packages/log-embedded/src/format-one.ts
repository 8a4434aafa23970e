import { LogCorrupted } from "@tidemark/streams";
import { storedSegmentOperation, type StoredSegment } from "./closed-segment.ts";
import type { LevelInstance, LevelOperation } from "./level-instance.ts";
import { readMetadata } from "./metadata.ts";

/**
 * Brings a log of format 1 to format 2: what a segment holds lay away from its batches, under `03 segment`, as did the number
 * of the segment that is written to, which is now found by what is there.
 * @returns what to write, together with the new version; @throws LogCorrupted, LogUnavailable
 */
export async function fromFormatOne(level: LevelInstance): Promise<LevelOperation[]> {
  const segments = await readMetadata<StoredSegmentOne>(level, {
    gte: Buffer.from([SEGMENT]),
    lt: Buffer.from([SEGMENT + 1]),
  });
  if (segments.at(-1)?.open !== true) throw new LogCorrupted("the entry of the newest segment was lost");
  return segments.flatMap(({ segment, runs, open }): LevelOperation[] => {
    const removal = { type: "del", key: segmentKeyOne(segment) } as const;
    return open ? [removal] : [removal, storedSegmentOperation({ segment, runs })];
  });
}

const SEGMENT = 0x03;

interface StoredSegmentOne extends StoredSegment {
  /** The segment written to: what it holds is noted when it is closed. */
  readonly open: boolean;
}

function segmentKeyOne(segment: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key[0] = SEGMENT;
  key.writeUInt32BE(segment, 1);
  return key;
}
