import { lastSegmentKey } from "./closed-segment.ts";
import { batchKey, batchKeys, OFFSET_BEYOND, segmentOf } from "./keys.ts";
import { readKeys, readMany, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import { decodeMetadata } from "./metadata.ts";

/**
 * Brings a log of format 2 or 3 to format 4: while a large group was being written, a note of where the partitions ended before lay behind
 * the batches of its segment, under `10 segment, ff ff, ff fe, 00 … 00`. What was cut off is taken out, with the note.
 * @returns what to write, together with the new version; @throws LogCorrupted, LogUnavailable
 */
export async function fromFormatThree(level: LevelInstance): Promise<LevelOperation[]> {
  const mark = await lastSegmentKey(level);
  if (mark === undefined || !mark.equals(groupMarkThree(segmentOf(mark)))) return [];
  const [value] = await readMany(level, [mark]);
  const ends = decodeMetadata(value ?? Buffer.alloc(0)) as StoredEnds;
  const operations: LevelOperation[] = [];
  for (const [topicId, partition, end] of ends) {
    const range = batchKeys({ segment: segmentOf(mark), topicId, partition }, end, OFFSET_BEYOND);
    for (const key of await readKeys(level, range)) operations.push({ type: "del", key });
  }
  operations.push({ type: "del", key: mark });
  return operations;
}

export function groupMarkThree(segment: number): Buffer {
  return batchKey({ segment, topicId: 0xffff, partition: 0xfffe }, 0);
}

/** Topic id, partition, end before the group. */
type StoredEnds = readonly (readonly [number, number, number])[];
