import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryLevel } from "memory-level";
import { expect, it } from "vitest";
import { faultyLevel } from "./faulty-level.ts";
import { beginFile, type LevelInstance, levelOn } from "./level-instance.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog } from "./open-embedded-log.ts";

const BATCHES = 0x10;

it("no append writes below the segment that is written to: LevelDB would merge a file that reaches down there with all others", async () => {
  const { level, writes } = faultyLevel(new MemoryLevel());
  const log = await openEmbeddedLog({ level, clock: new ManualClock(), limits: { segmentBytesMax: 300 } });
  const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
  await log.createTopics(["events", "scores"].map((name) => ({ name, partitions: 2, policy })));
  writes.length = 0;
  const records = [{ key: null, value: Buffer.alloc(50) }];
  for (let group = 0; group < 40; group++) {
    await log.append([
      { topic: "scores", partition: group % 2, records },
      { topic: "events", partition: 0, records },
    ]);
  }
  let segment = 0;
  for (const { operations } of writes) {
    const segments = operations.map(({ key }) => {
      expect(key[0]).toBe(BATCHES);
      return key.readUInt32BE(1);
    });
    expect(Math.min(...segments)).toBeGreaterThanOrEqual(segment);
    segment = Math.max(...segments);
  }
  expect(segment).toBeGreaterThan(10);
  await log.close();
});

it("LevelDB finds nothing to merge in what is appended, in small groups or in large ones", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tidemark-sequential-"));
  const level = levelOn(directory);
  const log = await openEmbeddedLog({ level, clock: new ManualClock() });
  const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
  const partitions = Array.from({ length: 30 }, (_, index) => index);
  await log.createTopics([{ name: "events", partitions: partitions.length, policy }]);
  const group = (bytes: number) => {
    const records = [{ key: null, value: Buffer.alloc(bytes / partitions.length) }];
    // Who appends need not keep to the order in which the log is stored.
    return partitions.toReversed().map((partition) => ({ topic: "events", partition, records }));
  };
  for (let appended = 0; appended < 200; appended++) await log.append(group(100_000));
  for (let appended = 0; appended < 3; appended++) await log.append(group(20_000_000));
  await beginFile(level);
  const written = mbByLevel(level);
  const [overlapping, all] = [written.slice(0, 2), written].map((levels) => levels.reduce((sum, mb) => sum + mb, 0));
  expect(all).toBeGreaterThan(70);
  // A file that overlaps no other goes down to the third level at once.
  expect(overlapping).toBeLessThan(10);
  await log.close();
  await rm(directory, { recursive: true });
});

it("no more than one thread waits for LevelDB to begin a file, however many segments are closed meanwhile", async () => {
  const { promise: merged, resolve: endMerge } = Promise.withResolvers<void>();
  let waiting = 0;
  let waitingMax = 0;
  const level = Object.assign(new MemoryLevel(), {
    async compactRange() {
      waitingMax = Math.max(waitingMax, (waiting += 1));
      await merged;
      waiting -= 1;
    },
  });
  const log = await openEmbeddedLog({ level, clock: new ManualClock(), limits: { segmentBytesMax: 1 } });
  await log.createTopics([{ name: "events", partitions: 1, policy: { cleanup: "delete", retentionMs: 1_000_000 } }]);
  const records = [{ key: null, value: Buffer.alloc(50) }];
  for (let group = 0; group < 20; group++) await log.append([{ topic: "events", partition: 0, records }]);
  const closed = log.close();
  setImmediate(endMerge);
  await closed;
  expect([waitingMax, waiting]).toEqual([1, 0]);
});

/** MB of the files of each level of LevelDB's. */
function mbByLevel(level: LevelInstance): number[] {
  if (!hasStatistics(level)) throw new Error("only a Level with files has levels of them");
  const levels: number[] = [0, 0, 0];
  // Level, files, MB, seconds, MB read, MB written.
  for (const [, number, mb] of level.getProperty("leveldb.stats").matchAll(/^ *(\d+) +\d+ +(\d+) .*$/gm)) {
    levels[Number(number)] = Number(mb);
  }
  return levels;
}

function hasStatistics(level: object): level is { getProperty(name: string): string } {
  return "getProperty" in level;
}
