import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryLocked, LogCorrupted, VersionTooNew, type EventLog } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { describe, expect, it } from "vitest";
import { FORMAT_KEY } from "./keys.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog } from "./open-embedded-log.ts";

const BUFFERS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
/** Everything is read from Level, and each append is in a segment of its own. */
const LIMITS = { tailBytesMax: 0, segmentBytesMax: 1 };

async function openLog(level: MemoryLevel): Promise<EventLog> {
  const log = await openEmbeddedLog({ level, clock: new ManualClock(), limits: LIMITS });
  const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
  await log.createTopics([{ name: "events", partitions: 3, policy }]);
  return log;
}

async function appendFive(log: EventLog): Promise<void> {
  for (let index = 0; index < 5; index += 1) {
    const records = [{ key: Buffer.from("key"), value: Buffer.from("value") }];
    await log.append([{ topic: "events", partition: 2, records }]);
  }
}

function readFrom(log: EventLog, offset: number) {
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  return log.fetch([{ topic: "events", partition: 2, offset }], options);
}

/** The entries of batches, in the order of their keys. */
async function batchesOf(level: MemoryLevel): Promise<[Buffer, Buffer][]> {
  return level.iterator<Buffer, Buffer>({ gte: Buffer.from([0x10]), ...BUFFERS }).all();
}

describe("opening the log", () => {
  it("is refused while another has the directory, with a word on what to do", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-log-"));
    const clock = new ManualClock();
    const log = await openEmbeddedLog({ directory, clock });
    const second = openEmbeddedLog({ directory, clock });
    await expect(second).rejects.toThrow(DirectoryLocked);
    await expect(second).rejects.toThrow(/in use by another process: stop that one/);
    await log.close();
    const third = await openEmbeddedLog({ directory, clock });
    await third.close();
    await rm(directory, { recursive: true });
  });

  it("is refused for a log of newer code, and lets go of the directory", async () => {
    const level = new MemoryLevel();
    const log = await openLog(level);
    await log.close();
    await level.open();
    const format = JSON.parse((await level.get<Buffer, Buffer>(FORMAT_KEY, BUFFERS))?.toString() ?? "") as object;
    await level.put(FORMAT_KEY, Buffer.from(JSON.stringify({ ...format, version: 2 })), BUFFERS);
    await expect(openLog(level)).rejects.toThrow(VersionTooNew);
    expect(level.status).toBe("closed");
  });

  it("is refused for a Level that holds something else", async () => {
    const level = new MemoryLevel();
    await level.put("customer", "1");
    await expect(openLog(level)).rejects.toThrow(LogCorrupted);
  });

  it("is refused where metadata are damaged", async () => {
    const level = new MemoryLevel();
    const log = await openLog(level);
    await log.close();
    await level.open();
    await level.put(Buffer.from("\u0001events"), Buffer.from('{"id":0,"sp'), BUFFERS);
    await expect(openLog(level)).rejects.toThrow(LogCorrupted);
  });
});

describe("a damaged log", () => {
  it("says where: a batch with one byte changed", async () => {
    const level = new MemoryLevel();
    const log = await openLog(level);
    await appendFive(log);
    const [key, value] = (await batchesOf(level))[3] ?? [];
    if (key === undefined || value === undefined) throw new Error("there are five batches");
    const damaged = Buffer.from(value);
    damaged[value.length - 1] = 0;
    await level.put(key, damaged, BUFFERS);
    await expect(readFrom(log, 0)).rejects.toThrow(LogCorrupted);
    await expect(readFrom(log, 1)).rejects.toThrow("events/2 is damaged at offset 3: a batch does not match");
    const [after] = await readFrom(log, 4);
    expect(after?.records).toHaveLength(1);
    await log.close();
  });

  it.each([0, 2, 4])("says where: batch %i of 5 is missing", async (missing) => {
    const level = new MemoryLevel();
    const log = await openLog(level);
    await appendFive(log);
    const [key] = (await batchesOf(level))[missing] ?? [];
    if (key === undefined) throw new Error("there are five batches");
    await level.del(key, BUFFERS);
    for (let offset = 0; offset <= missing; offset += 1) {
      await expect(readFrom(log, offset)).rejects.toThrow(
        `events/2 is damaged at offset ${missing}: a batch is missing`,
      );
    }
    await log.close();
  });

  it("says where: one of several batches of a segment is missing", async () => {
    const level = new MemoryLevel();
    const limits = { tailBytesMax: 0 };
    const log = await openEmbeddedLog({ level, clock: new ManualClock(), limits });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await log.createTopics([{ name: "events", partitions: 3, policy }]);
    await appendFive(log);
    const [key] = (await batchesOf(level))[1] ?? [];
    if (key === undefined) throw new Error("there are five batches");
    await level.del(key, BUFFERS);
    await expect(readFrom(log, 0)).rejects.toThrow("events/2 is damaged at offset 1: a batch is missing");
    await expect(readFrom(log, 1)).rejects.toThrow("events/2 is damaged at offset 1: a batch is missing");
    expect((await readFrom(log, 2))[0]?.records).toHaveLength(3);
    await log.close();
  });

  it("is left alone by compaction, which reports it", async () => {
    const level = new MemoryLevel();
    const problems: unknown[] = [];
    const clock = new ManualClock();
    const onProblem = (error: unknown): void => void problems.push(error);
    const log = await openEmbeddedLog({ level, clock, limits: { segmentBytesMax: 1 }, onProblem });
    const policy = { cleanup: "compact", compactionLagMsMax: 1_000 } as const;
    await log.createTopics([{ name: "events", partitions: 3, policy }]);
    await appendFive(log);
    const [key, value] = (await batchesOf(level))[1] ?? [];
    if (key === undefined || value === undefined) throw new Error("there are five batches");
    await level.put(key, Buffer.from(value).fill(0, 20), BUFFERS);
    clock.advance(10_000);
    await log.maintain();
    expect(problems).toEqual([expect.any(LogCorrupted)]);
    expect(await batchesOf(level)).toHaveLength(5);
    await log.close();
  });
});
