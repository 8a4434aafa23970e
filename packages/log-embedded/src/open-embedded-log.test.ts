import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryLocked, LogCorrupted, VersionTooNew, type EventLog } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { describe, expect, it } from "vitest";
import { batchesInLevel } from "./batches-in-level.ts";
import { FORMAT_KEY, segmentMark } from "./keys.ts";
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

/** A log that was closed again, as what lies under it. */
async function levelOfFive(): Promise<MemoryLevel> {
  const level = new MemoryLevel();
  const log = await openLog(level);
  await appendFive(log);
  await log.close();
  await level.open();
  return level;
}

function readFrom(log: EventLog, offset: number) {
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  return log.fetch([{ topic: "events", partition: 2, offset }], options);
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
    await level.put(FORMAT_KEY, Buffer.from(JSON.stringify({ ...format, version: 5 })), BUFFERS);
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

describe("what is found again", () => {
  it("is a log of format 1: what its segments hold lay away from the batches", async () => {
    const level = await levelOfFive();
    await backToFormatOne(level);

    const again = await openLog(level);
    expect(await valuesFrom(again, 0)).toEqual(["value", "value", "value", "value", "value"]);
    await appendFive(again);
    expect(await again.offsets("events", 2)).toEqual({ start: 0, end: 10 });
    await again.close();
    await level.open();
    expect(await level.keys<Buffer>({ ...FORMAT_ONE_SEGMENTS, keyEncoding: "buffer" }).all()).toEqual([]);
    expect(JSON.parse((await level.get<Buffer, Buffer>(FORMAT_KEY, BUFFERS))?.toString() ?? "")).toMatchObject({
      version: 4,
    });
    const third = await openLog(level);
    expect(await valuesFrom(third, 0)).toHaveLength(10);
    await third.close();
  });

  it("is refused where the newest segment of a log of format 1 is not there", async () => {
    const level = await levelOfFive();
    await backToFormatOne(level);
    const open = await level
      .keys<Buffer>({ ...FORMAT_ONE_SEGMENTS, reverse: true, limit: 1, keyEncoding: "buffer" })
      .all();
    await level.batch<Buffer, Buffer>(
      open.map((key) => ({ type: "del", key })),
      BUFFERS,
    );
    await expect(openLog(level)).rejects.toThrow("the entry of the newest segment was lost");
  });

  it("is all, though a purge was ended in the middle and has left its marks", async () => {
    const level = await levelOfFive();
    // The fifth append went to segment 4, which is written to.
    for (const segment of [0, 2, 5, 9]) await level.put(segmentMark(segment), Buffer.alloc(0), BUFFERS);
    const again = await openLog(level);
    expect(await valuesFrom(again, 0)).toHaveLength(5);
    await appendFive(again);
    expect(await valuesFrom(again, 0)).toHaveLength(10);
    await again.close();
  });

  it("is found among more segments than are read in one go", async () => {
    const level = new MemoryLevel();
    const log = await openLog(level);
    for (let times = 0; times < 240; times++) await appendFive(log);
    await log.close();
    const again = await openLog(level);
    expect(await valuesFrom(again, 0)).toHaveLength(1_200);
    await again.close();
  });
});

/** Where format 1 had what segments hold. */
const FORMAT_ONE_SEGMENTS = { gte: Buffer.from([0x03]), lt: Buffer.from([0x04]) };

/** As the code before format 2 would have left it: 5 appends, each in a segment of its own. */
async function backToFormatOne(level: MemoryLevel): Promise<void> {
  const stored = (segment: number, value: object) => {
    const key = Buffer.from([0x03, 0, 0, 0, segment]);
    return { type: "put", key, value: Buffer.from(JSON.stringify(value)) } as const;
  };
  const entries = await level.iterator<Buffer, Buffer>({ gte: Buffer.from([0x10]), ...BUFFERS }).all();
  const closed = entries.filter(([key]) => key.readUInt16BE(7) === 0xffff);
  expect(closed).toHaveLength(4);
  const format = Buffer.from(JSON.stringify({ format: "tidemark-log", version: 1 }));
  await level.batch<Buffer, Buffer>(
    [
      ...closed.map(([key]) => ({ type: "del", key }) as const),
      ...closed.map(([, value], segment) =>
        stored(segment, { ...(JSON.parse(value.toString()) as object), open: false }),
      ),
      stored(4, { segment: 4, open: true, runs: [] }),
      { type: "put", key: FORMAT_KEY, value: format },
    ],
    BUFFERS,
  );
}

async function valuesFrom(log: EventLog, offset: number): Promise<readonly (string | undefined)[]> {
  const values: (string | undefined)[] = [];
  for (let next = offset, end = 1; next < end;) {
    const [slice] = await readFrom(log, next);
    if (slice === undefined) throw new Error("a fetch answers every position");
    values.push(...slice.records.map(({ value }) => value?.toString()));
    next = slice.offsetNext;
    end = slice.offsetEnd;
  }
  return values;
}

describe("a damaged log", () => {
  it("is refused, with file and byte, and left as it is: one bit changed in what is in no file but the write-ahead one", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-log-"));
    const clock = new ManualClock();
    const log = await openEmbeddedLog({ directory, clock });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await log.createTopics([{ name: "events", partitions: 3, policy }]);
    await appendFive(log);
    await log.close();

    const name = (await readdir(directory)).find((each) => each.endsWith(".log")) ?? "";
    const content = await readFile(join(directory, name));
    const damaged = Buffer.from(content);
    const middle = Math.floor(content.length / 2);
    damaged[middle] = (content[middle] ?? 0) ^ 0x10;
    await writeFile(join(directory, name), damaged);
    for (let times = 0; times < 2; times += 1) {
      const opening = openEmbeddedLog({ directory, clock });
      await expect(opening).rejects.toThrow(LogCorrupted);
      await expect(opening).rejects.toThrow(/\d+\.log is damaged at byte \d+.*: restore the log from a backup/);
      expect(await readFile(join(directory, name))).toEqual(damaged);
    }

    await writeFile(join(directory, name), content.subarray(0, -1));
    const torn = await openEmbeddedLog({ directory, clock });
    expect(await torn.offsets("events", 2)).toEqual({ start: 0, end: 4 });
    await torn.close();
    await rm(directory, { recursive: true });
  });

  it("says where: a batch with one byte changed", async () => {
    const level = new MemoryLevel();
    const log = await openLog(level);
    await appendFive(log);
    const [key, value] = (await batchesInLevel(level))[3] ?? [];
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
    const [key] = (await batchesInLevel(level))[missing] ?? [];
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
    const [key] = (await batchesInLevel(level))[1] ?? [];
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
    const [key, value] = (await batchesInLevel(level))[1] ?? [];
    if (key === undefined || value === undefined) throw new Error("there are five batches");
    await level.put(key, Buffer.from(value).fill(0, 20), BUFFERS);
    clock.advance(10_000);
    await log.maintain();
    expect(problems).toEqual([expect.any(LogCorrupted)]);
    expect(await batchesInLevel(level)).toHaveLength(5);
    await log.close();
  });
});

describe("closing the log emptied", () => {
  const disposable = new Set(["events"]);

  it("leaves one that is as new, and nobody else opens it before the word", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-log-"));
    const clock = new ManualClock();
    const log = await openEmbeddedLog({ directory, clock });
    await log.createTopics([{ name: "events", partitions: 3, policy: { cleanup: "delete", retentionMs: 1 } }]);
    await appendFive(log);
    let meanwhile: unknown = null;
    await log.closeEmptied({
      disposable,
      async whenEmpty() {
        meanwhile = await openEmbeddedLog({ directory, clock }).catch((error: unknown) => error);
      },
    });
    expect(meanwhile).toBeInstanceOf(DirectoryLocked);
    const again = await openEmbeddedLog({ directory, clock });
    expect(await again.topics()).toEqual([]);
    await again.createTopics([{ name: "events", partitions: 3, policy: { cleanup: "delete", retentionMs: 1 } }]);
    expect(await again.offsets("events", 2)).toEqual({ start: 0, end: 0 });
    await appendFive(again);
    expect(await again.offsets("events", 2)).toEqual({ start: 0, end: 5 });
    await again.close();
    await rm(directory, { recursive: true });
  });

  it("takes nothing out where records are in another topic, and closes", async () => {
    const level = await levelOfFive();
    const log = await openEmbeddedLog({ level, clock: new ManualClock() });
    const emptied = log.closeEmptied({ disposable: new Set(), whenEmpty: () => Promise.resolve() });
    await expect(emptied).rejects.toThrow("nothing that anybody may miss");
    expect(level.status).toBe("closed");
    const again = await openLog(level);
    expect(await again.offsets("events", 2)).toEqual({ start: 0, end: 5 });
    await again.close();
  });
});
