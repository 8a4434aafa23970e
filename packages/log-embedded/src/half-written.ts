import { lastSegmentKey } from "./closed-segment.ts";
import { batchKeys, groupMark, isGroupMark, OFFSET_BEYOND, segmentOf } from "./keys.ts";
import { bytesOf, readKeys, readMany, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import { decodeMetadata, encodeMetadata } from "./metadata.ts";
import type { Partition } from "./partition.ts";

/**
 * How a group that is large is written: Level holds what it writes in one go three times over, in the write, in its buffer and in the one
 * before that is still being put into a file, however large the buffers are meant to be. So the group is cut into several writes, each of them synced.
 * All or nothing it is all the same:
 *
 *  P1 The first write notes where the partitions ended before, the last one takes the note away. So a note that is found says that the
 *     group was cut off, and what lies beyond those ends is taken out before anybody sees it.
 *  P2 Nothing else is written in between (`Storage`), and nobody reads beyond the end of a partition, which moves after the last write (G1).
 */
export function inWrites(
  segment: number,
  partitions: Iterable<Partition>,
  operations: readonly LevelOperation[],
  bytesMax: number,
): readonly LevelOperation[][] {
  const writes: LevelOperation[][] = [];
  let write: LevelOperation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const size = bytesOf(operation);
    if (write.length > 0 && bytes + size > bytesMax) {
      writes.push(write);
      write = [];
      bytes = 0;
    }
    write.push(operation);
    bytes += size;
  }
  writes.push(write);
  if (writes.length === 1) return writes;
  const ends: StoredEnds = Array.from(partitions, ({ topicId, index, end }) => [topicId, index, end] as const);
  writes[0]?.unshift({ type: "put", key: groupMark(segment), value: encodeMetadata(ends) });
  writes.at(-1)?.push({ type: "del", key: groupMark(segment) });
  return writes;
}

/**
 * What takes out what a group that was cut off has left (P1), nothing where there is none. To be written before anything of the segments is read.
 * @throws LogCorrupted, LogUnavailable
 */
export async function removalOfHalfWritten(level: LevelInstance): Promise<LevelOperation[]> {
  const mark = await lastSegmentKey(level);
  if (mark === undefined || !isGroupMark(mark)) return [];
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

/** Topic id, partition, end before the group. */
type StoredEnds = readonly (readonly [number, number, number])[];
