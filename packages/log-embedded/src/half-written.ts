import { lastSegmentKey } from "./closed-segment.ts";
import { contentKeys, groupMark, segmentKey, segmentOf } from "./keys.ts";
import { bytesOf, readKeys, readMany, type LevelInstance, type LevelOperation } from "./level-instance.ts";

/**
 * How a group that is large is written: Level holds what it writes in one go three times over, in the write, in its buffer and in the one
 * before that is still being put into a file, however large the buffers are meant to be. So the group is cut into several writes, each of them synced.
 * All or nothing it is all the same:
 *
 *  P1 It has a segment to itself. The first write notes that, the last one closes the segment. So a note in a segment that is not closed
 *     says that the group was cut off, and the segment is taken out before anybody sees it.
 *  P2 Nothing else is written in between (`Storage`), and nobody reads beyond the end of a partition, which moves after the last write (G1).
 *
 * Written in the order of their keys, so that the files that Level makes of them do not overlap (`keys.ts`).
 * @param operations the batches, and what closes the segment before
 * @param closing closes the group's own
 */
export function inWrites(
  segment: number,
  operations: readonly LevelOperation[],
  closing: LevelOperation,
  bytesMax: number,
): readonly LevelOperation[][] {
  const writes: LevelOperation[][] = [];
  let write: LevelOperation[] = [{ type: "put", key: groupMark(segment), value: Buffer.alloc(0) }];
  let bytes = 0;
  for (const operation of operations.toSorted((a, b) => Buffer.compare(a.key, b.key))) {
    const size = bytesOf(operation);
    if (bytes > 0 && bytes + size > bytesMax) {
      writes.push(write);
      write = [];
      bytes = 0;
    }
    write.push(operation);
    bytes += size;
  }
  write.push(closing);
  writes.push(write);
  return writes;
}

/**
 * What takes out what a group that was cut off has left (P1), nothing where there is none. To be written before anything of the segments is read.
 * @throws LogCorrupted, LogUnavailable
 */
export async function removalOfHalfWritten(level: LevelInstance): Promise<LevelOperation[]> {
  const last = await lastSegmentKey(level);
  if (last === undefined) return [];
  const segment = segmentOf(last);
  if (last.equals(segmentKey(segment))) return [];
  const [mark] = await readMany(level, [groupMark(segment)]);
  if (mark === undefined) return [];
  return (await readKeys(level, contentKeys(segment))).map((key) => ({ type: "del", key }));
}
