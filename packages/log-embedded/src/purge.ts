import { segmentMark } from "./keys.ts";
import { compactLevel } from "./level-instance.ts";
import type { LogState } from "./log-state.ts";
import type { Storage } from "./storage.ts";

/**
 * Takes from the disk what retention and compaction took out of some segments: Level only notes what it deletes or overwrites, and keeps it
 * in its files until they are merged by chance, which for what is old may be never. A file by itself is not merged with anything, not
 * even what was in memory until now: once that is a file, marks at both ends of the segments make another that is merged with all of it. Keys need no purging, since none is of a record.
 * @throws LogCorrupted, LogUnavailable, WriteFailed
 */
export async function purgeSegments(storage: Storage, state: LogState, { first, last }: Segments): Promise<void> {
  const [from, to] = [segmentMark(first), segmentMark(last + 1)];
  const value = Buffer.alloc(0);
  await compactLevel(storage.level, { gte: from, lt: to });
  await storage.write(state, [
    { type: "put", key: from, value },
    { type: "put", key: to, value },
  ]);
  await compactLevel(storage.level, { gte: from, lt: to });
  await storage.write(state, [
    { type: "del", key: from },
    { type: "del", key: to },
  ]);
}

/** Segments next to each other. */
export interface Segments {
  readonly first: number;
  readonly last: number;
}

/** All that there ever were: each that holds something, with those before it of which nothing is left. */
export function allSegments({ topics, segment }: LogState): readonly Segments[] {
  const numbers = new Set([segment.number]);
  for (const { partitions } of topics.values()) {
    for (const { runs, expired } of partitions) for (const run of [...runs, ...expired]) numbers.add(run.segment);
  }
  const sorted = [...numbers].toSorted((a, b) => a - b);
  return sorted.map((last, index) => ({ first: index === 0 ? 0 : (sorted[index - 1] ?? 0) + 1, last }));
}

/** The same segments, those next to each other together: a purge writes all of them anew, and more than that for each range. */
export function neighbours(segments: readonly Segments[]): readonly Segments[] {
  const ranges: Segments[] = [];
  for (const next of segments.toSorted((a, b) => a.first - b.first)) {
    const before = ranges.at(-1);
    if (before === undefined || before.last + 1 !== next.first || next.last - before.first >= PURGED_AT_ONCE) {
      ranges.push(next);
    } else {
      ranges.splice(-1, 1, { first: before.first, last: next.last });
    }
  }
  return ranges;
}

/** Segments: some 60 MB. */
const PURGED_AT_ONCE = 16;
