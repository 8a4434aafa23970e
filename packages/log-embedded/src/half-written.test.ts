import type { EventLog, PartitionBatch } from "@tidemark/streams";
import { CommitUnknown } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultyLevel, type Fault, type FaultyLevel } from "./faulty-level.ts";
import { groupMark, SEGMENT_KEYS, segmentKey, segmentOf } from "./keys.ts";
import type { LevelInstance } from "./level-instance.ts";
import { ManualClock } from "./manual-clock.ts";
import { mended } from "./mended.ts";
import { recordKeys } from "./record-keys.ts";
import { openEmbeddedLog, type EmbeddedLog } from "./open-embedded-log.ts";

const BUFFERS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
const PARTITIONS = Array.from({ length: 15 }, (_, index) => index);
/** Of two batches, and a group has one for each partition. */
const LIMITS = { writeBytesMax: 300 };
/** The first holds what closes the segment before, which is as much. */
const WRITES = 9;

describe("a group that takes several writes", () => {
  let clock: ManualClock;
  let faulty: FaultyLevel;
  let log: EmbeddedLog;

  beforeEach(async () => {
    clock = new ManualClock();
    faulty = faultyLevel(new MemoryLevel(BUFFERS));
    log = await openEmbeddedLog({ level: faulty.level, clock, limits: LIMITS });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await log.createTopics([{ name: "events", partitions: PARTITIONS.length, policy }]);
    // Small ones, in a segment that is still written to.
    for (const batch of oneEach("before")) await log.append([batch]);
    faulty.writes.length = 0;
  });
  afterEach(async () => {
    faulty.fault = () => "none";
    await log.close();
  });

  /** Decides what becomes of the write with that index, from 0. */
  const failAt = (failing: number, fault: Fault): void => {
    let index = 0;
    faulty.fault = () => (index++ === failing ? fault : "none");
  };

  it("is synced write by write, in a segment to itself", async () => {
    const writer = await log.openWriter("writer");
    await writer.commit(oneEach("group"));
    expect(faulty.writes.map(({ sync }) => sync)).toEqual(Array.from({ length: WRITES }, () => true));
    expect(await valuesIn(log)).toEqual(all("before", "group"));
    await log.append(oneEach("after").slice(0, 1));
    const segments = new Map<number, Buffer[]>();
    for (const key of await keysOf(faulty.level)) {
      segments.set(segmentOf(key), [...(segments.get(segmentOf(key)) ?? []), key]);
    }
    const [before, group, after] = [0, 1, 2].map((segment) => segments.get(segment) ?? []);
    expect(before).toHaveLength(PARTITIONS.length + 1);
    expect(group).toHaveLength(PARTITIONS.length + 2);
    expect([group?.[0], group?.at(-1)]).toEqual([groupMark(1), segmentKey(1)]);
    expect(after).toHaveLength(1);
  });

  it("leaves nothing where retention has taken it", async () => {
    await log.append(oneEach("group"));
    await log.close();
    log = await openEmbeddedLog({ level: faulty.level, clock, limits: LIMITS });
    clock.advance(2_000_000);
    await log.maintain();
    expect(await keysOf(faulty.level)).toEqual([]);
  });

  it("is there wholly or not at all, wherever the process ends", async () => {
    const lives: LevelInstance[] = [];
    faulty.fault = async (): Promise<Fault> => {
      lives.push(await copyOf(faulty.level));
      return "none";
    };
    await log.append(oneEach("group"));
    lives.push(await copyOf(faulty.level));
    expect(lives).toHaveLength(WRITES + 1);
    for (const [written, level] of lives.entries()) {
      const next = await openEmbeddedLog({ level, clock, limits: LIMITS });
      const whole = written === WRITES;
      expect(await valuesIn(next)).toEqual(whole ? all("before", "group") : all("before"));
      const { offsetsBase } = await next.append(oneEach("after"));
      expect(offsetsBase).toEqual(PARTITIONS.map(() => (whole ? 2 : 1)));
      expect(await valuesIn(next)).toEqual(whole ? all("before", "group", "after") : all("before", "after"));
      await next.close();
    }
  });

  it.each(Array.from({ length: WRITES }, (_, index) => index))("is not there where write %i fails", async (failing) => {
    const writer = await log.openWriter("writer");
    failAt(failing, "not written");
    await expect(writer.commit(oneEach("group"))).rejects.toThrow(CommitUnknown);
    expect(faulty.writes).toHaveLength(failing + 1);
    await mended(log, clock);
    expect(await valuesIn(log)).toEqual(all("before"));
    await log.append(oneEach("after"));
    expect(await valuesIn(log)).toEqual(all("before", "after"));
  });

  it("is there where its last write is, though that was said to have failed", async () => {
    const writer = await log.openWriter("writer");
    failAt(WRITES - 1, "written, and said that it was not");
    await expect(writer.commit(oneEach("group"))).rejects.toThrow(CommitUnknown);
    await mended(log, clock);
    expect(await valuesIn(log)).toEqual(all("before", "group"));
  });

  it("is taken out of the segment that it began", async () => {
    const level = new MemoryLevel(BUFFERS);
    const rolling = faultyLevel(level);
    const limits = { ...LIMITS, segmentBytesMax: 1 };
    const full = await openEmbeddedLog({ level: rolling.level, clock, limits });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await full.createTopics([{ name: "events", partitions: PARTITIONS.length, policy }]);
    await full.append(oneEach("before"));
    const lives: LevelInstance[] = [];
    rolling.fault = async (): Promise<Fault> => {
      lives.push(await copyOf(level));
      return "none";
    };
    await full.append(oneEach("group"));
    await full.close();
    for (const life of lives) {
      const next = await openEmbeddedLog({ level: life, clock, limits });
      expect(await valuesIn(next)).toEqual(all("before"));
      await next.append(oneEach("after"));
      await next.close();
      const again = await openEmbeddedLog({ level: life, clock, limits });
      expect(await valuesIn(again)).toEqual(all("before", "after"));
      await again.close();
    }
  });
});

/** A record for each partition. */
function oneEach(name: string): PartitionBatch[] {
  const records = [{ key: Buffer.from(name), value: CONTENT }];
  return PARTITIONS.map((partition) => ({ topic: "events", partition, records }));
}

const CONTENT = Buffer.alloc(100, "x");

function all(...values: readonly string[]): string[][] {
  return PARTITIONS.map(() => [...values]);
}

const valuesIn = (log: EventLog): Promise<string[][]> => recordKeys(log, "events", PARTITIONS);

async function keysOf(level: LevelInstance): Promise<Buffer[]> {
  return level.keys<Buffer>({ ...SEGMENT_KEYS, keyEncoding: "buffer" }).all();
}

/** What a process that ended now would leave. */
async function copyOf(level: LevelInstance): Promise<LevelInstance> {
  const copy = new MemoryLevel(BUFFERS);
  await copy.open();
  for (const [key, value] of await level.iterator<Buffer, Buffer>(BUFFERS).all()) await copy.put(key, value, BUFFERS);
  return copy;
}
