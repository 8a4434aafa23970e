import type { EventLog } from "@tidemark/streams";
import { OffsetOutOfRange } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { afterEach, describe, expect, it } from "vitest";
import { batchesInLevel } from "./batches-in-level.ts";
import { faultyLevel } from "./faulty-level.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog, type EmbeddedLog } from "./open-embedded-log.ts";

const RETENTION_MS = 10_000;
const LIMITS = { segmentMsMax: 1_000, maintenanceIntervalMs: 60_000, tailBytesMax: 0 };

async function openLog(clock: ManualClock, level = new MemoryLevel()): Promise<EmbeddedLog> {
  const log = await openEmbeddedLog({ level, clock, limits: LIMITS });
  const policy = { cleanup: "delete", retentionMs: RETENTION_MS } as const;
  await log.createTopics([{ name: "events", partitions: 2, policy }]);
  return log;
}

/** One record of partition 0 and time. */
async function append(log: EventLog, count: number, value = "x"): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await log.append([{ topic: "events", partition: 0, records: [{ key: null, value: Buffer.from(value) }] }]);
  }
}

/** The maintenance of a log always sleeps; a writer that waits for its clock does too. */
async function untilAsleep(clock: ManualClock, sleepers: number): Promise<void> {
  for (let turns = 0; clock.sleepers < sleepers && turns < 1_000; turns += 1) await clock.yield();
  expect(clock.sleepers).toBe(sleepers);
}

function fetchAt(log: EventLog, offset: number, partition = 0) {
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  return log.fetch([{ topic: "events", partition, offset }], options);
}

async function batchesIn(level: MemoryLevel): Promise<number> {
  return (await batchesInLevel(level)).length;
}

describe("retention", () => {
  let log: EmbeddedLog | undefined;
  afterEach(() => log?.close());

  it("takes what is older than it should be, and tells readers who come for it", async () => {
    const clock = new ManualClock();
    const level = new MemoryLevel();
    log = await openLog(clock, level);
    await append(log, 5);
    clock.advance(5_000);
    await append(log, 3);
    clock.advance(5_500);
    await append(log, 2);
    await log.maintain();
    expect(await log.offsets("events", 0)).toEqual({ start: 5, end: 10 });
    await expect(fetchAt(log, 4)).rejects.toThrow(OffsetOutOfRange);
    const [slice] = await fetchAt(log, 5);
    expect(slice?.records.map(({ offset }) => offset)).toEqual([5, 6, 7, 8, 9]);
    expect(await batchesIn(level)).toBe(5);
  });

  it("keeps what is not older, though it is nearly", async () => {
    const clock = new ManualClock();
    log = await openLog(clock);
    await append(log, 5);
    clock.advance(RETENTION_MS);
    await append(log, 1);
    await log.maintain();
    expect(await log.offsets("events", 0)).toEqual({ start: 0, end: 6 });
  });

  it("empties a partition to which nothing is written any more, and remembers its end and the time", async () => {
    const clock = new ManualClock();
    const level = new MemoryLevel();
    log = await openLog(clock, level);
    await append(log, 3);
    clock.advance(RETENTION_MS + 2_000);
    await log.maintain();
    expect(await log.offsets("events", 0)).toEqual({ start: 3, end: 3 });
    expect(await batchesIn(level)).toBe(0);
    await log.close();
    clock.set(500);
    log = await openLog(clock, level);
    expect(await log.offsets("events", 0)).toEqual({ start: 3, end: 3 });
    const appending = log.append([{ topic: "events", partition: 0, records: [{ key: null, value: null }] }]);
    await untilAsleep(clock, 2);
    clock.advance(1);
    const appended = await appending;
    expect(appended.offsetsBase).toEqual([3]);
    expect(appended.appendedAt).toBeGreaterThanOrEqual(1_000_000);
  });

  it("comes by itself", async () => {
    const clock = new ManualClock();
    log = await openLog(clock);
    await append(log, 3);
    clock.advance(60_000);
    for (let turns = 0; (await log.offsets("events", 0)).start < 3 && turns < 1_000; turns += 1) await clock.yield();
    expect(await log.offsets("events", 0)).toEqual({ start: 3, end: 3 });
  });

  it("goes on after a crash between the start's move and the deletion", async () => {
    const clock = new ManualClock();
    const level = new MemoryLevel();
    const faulty = faultyLevel(level);
    log = await openLog(clock, level);
    await append(log, 5);
    clock.advance(RETENTION_MS + 2_000);
    await append(log, 1);
    faulty.fault = (operations) => (operations.some(({ type }) => type === "del") ? "not written" : "none");
    await log.maintain();
    expect(log.available).toBe(false);
    await log.close();
    faulty.fault = () => "none";
    log = await openLog(clock, level);
    expect(await log.offsets("events", 0)).toEqual({ start: 5, end: 6 });
    expect(await batchesIn(level)).toBe(6);
    await log.maintain();
    expect(await batchesIn(level)).toBe(1);
  });
});
