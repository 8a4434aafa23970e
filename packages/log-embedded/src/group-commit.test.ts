import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PartitionBatch } from "@tidemark/streams";
import { BATCH_BYTES_MAX, InvariantBroken, LogUnavailable, TaskFenced } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultyLevel, type Fault, type FaultyLevel } from "./faulty-level.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog, type EmbeddedLog } from "./open-embedded-log.ts";

const GROUP_BYTES_MAX = 100_000;

describe("group commit", () => {
  let faulty: FaultyLevel;
  let log: EmbeddedLog;

  beforeEach(async () => {
    faulty = faultyLevel(new MemoryLevel());
    const limits = { groupBytesMax: GROUP_BYTES_MAX };
    log = await openEmbeddedLog({ level: faulty.level, clock: new ManualClock(), limits });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await log.createTopics([{ name: "events", partitions: 2, policy }]);
    faulty.writes.length = 0;
  });
  afterEach(() => log.close());

  /** Holds up writes until told to go on. */
  const holdUp = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<Fault>();
    faulty.fault = () => promise;
    return () => {
      faulty.fault = () => "none";
      resolve("none");
    };
  };

  const puts = (): number[] => faulty.writes.map(({ operations }) => operations.length);

  it("writes the appends made together as one batch of one partition", async () => {
    const appended = await Promise.all([log.append(one("a")), log.append(one("b")), log.append(one("c"))]);
    expect(appended.map(({ offsetsBase }) => offsetsBase[0])).toEqual([0, 1, 2]);
    expect(new Set(appended.map(({ appendedAt }) => appendedAt)).size).toBe(1);
    expect(puts()).toEqual([1]);
  });

  it("writes what came during a write as the next group", async () => {
    const goOn = holdUp();
    const first = log.append(one("a"));
    await until(() => faulty.writes.length === 1);
    const others = [log.append(one("b")), log.append(one("c", 1)), log.append(one("d"))];
    goOn();
    await Promise.all([first, ...others]);
    expect(puts()).toEqual([1, 2]);
  });

  it("gives way while much is copied for a write, of which nothing is seen before it is all written", async () => {
    const clock = new ManualClock();
    const level = faultyLevel(new MemoryLevel());
    await using large = {
      log: await openEmbeddedLog({ level: level.level, clock }),
      [Symbol.asyncDispose]: () => large.log.close(),
    };
    await large.log.createTopics([
      { name: "events", partitions: 2, policy: { cleanup: "delete", retentionMs: 1_000_000 } },
    ]);
    const ends: number[][] = [];
    const endsNow = async () =>
      Promise.all([0, 1].map(async (partition) => (await large.log.offsets("events", partition)).end));
    clock.yield = async () => void ends.push(await endsNow());
    const records = [{ key: null, value: Buffer.alloc(800_000, "x") }];
    const writer = await large.log.openWriter("writer");
    level.writes.length = 0;
    await writer.commit([0, 1, 0, 1, 0, 1, 0, 1].map((partition) => ({ topic: "events", partition, records })));
    expect(ends.length).toBeGreaterThanOrEqual(3);
    expect(ends).toEqual(ends.map(() => [0, 0]));
    expect(await endsNow()).toEqual([4, 4]);
    // The note that the first begins with, and the last takes away.
    expect(level.writes.map(({ operations, sync }) => [operations.length, sync])).toEqual([
      [1 + 4, true],
      [4 + 1, true],
    ]);
  });

  it("syncs every write", async () => {
    const writer = await log.openWriter("writer");
    await Promise.all([log.append(one("a")), writer.commit(one("b"))]);
    await log.createTopics([{ name: "other", partitions: 1, policy: { cleanup: "delete", retentionMs: 1 } }]);
    expect(faulty.writes.length).toBeGreaterThan(1);
    expect(faulty.writes.every(({ sync }) => sync)).toBe(true);
  });

  it("shows nothing before it is written", async () => {
    const goOn = holdUp();
    const appending = log.append(one("a"));
    await until(() => faulty.writes.length === 1);
    expect(await log.offsets("events", 0)).toEqual({ start: 0, end: 0 });
    expect(await fetchNow(log)).toMatchObject({ records: [], offsetEnd: 0 });
    goOn();
    await appending;
    expect(await fetchNow(log)).toMatchObject({ offsetEnd: 1 });
  });

  it("wakes a fetch, whichever of its steps the write falls into", async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const goOn = holdUp();
      const { length } = faulty.writes;
      const appending = log.append(one("a"));
      await until(() => faulty.writes.length > length);
      const options = { bytesMaxPerPartition: 1_000, waitMsMax: 60_000, signal: new AbortController().signal };
      goOn();
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      const fetching = log.fetch([{ topic: "events", partition: 0, offset: steps }], options);
      const [slice] = (await Promise.race([fetching, patience()])) ?? [];
      expect(slice?.records.map(({ offset }) => offset)).toEqual([steps]);
      await appending;
    }
  });

  it("promises readers no more than the append time of what is in flight (L6)", async () => {
    const goOn = holdUp();
    const appending = log.append(one("a"));
    await until(() => faulty.writes.length === 1);
    const { completeTo } = await fetchNow(log);
    goOn();
    expect((await appending).appendedAt).toBeGreaterThanOrEqual(completeTo);
  });

  it("keeps within its bytes: what does not fit waits for the next group", async () => {
    const appends = Array.from({ length: 40 }, () => log.append(one("x".repeat(30_000))));
    await Promise.all(appends);
    for (const { operations } of faulty.writes) {
      const bytes = operations.reduce((sum, each) => sum + (each.type === "put" ? each.value.length : 0), 0);
      expect(bytes).toBeLessThan(GROUP_BYTES_MAX + 1_000);
    }
    expect(faulty.writes.length).toBeGreaterThanOrEqual(12);
  });

  it("takes a call that is larger than a group by itself", async () => {
    const [, large] = await Promise.all([log.append(one("a")), log.append(one("x".repeat(500_000)))]);
    expect(large.offsetsBase).toEqual([1]);
    expect(puts()).toEqual([1, 1]);
  });

  it("refuses the queued commit of a writer that was fenced meanwhile, and takes its neighbours", async () => {
    const old = await log.openWriter("writer");
    const goOn = holdUp();
    const first = log.append(one("first"));
    await until(() => faulty.writes.length === 1);
    const zombie = old.commit(one("zombie"));
    const neighbour = log.append(one("neighbour"));
    const opening = log.openWriter("writer");
    const settled = Promise.allSettled([zombie]);
    goOn();
    await Promise.all([first, opening, neighbour]);
    expect(await settled).toMatchObject([{ status: "rejected", reason: expect.any(TaskFenced) }]);
    expect((await fetchNow(log)).records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
      "first",
      "neighbour",
    ]);
  });

  it("opens a writer only when the commit in flight of the one before is visible", async () => {
    const old = await log.openWriter("writer");
    const goOn = holdUp();
    const committing = old.commit(one("in flight"));
    await until(() => faulty.writes.length === 1);
    const opening = log.openWriter("writer");
    expect(await Promise.race([opening, patience()])).toBeNull();
    goOn();
    await opening;
    expect(await log.offsets("events", 0)).toEqual({ start: 0, end: 1 });
    await committing;
  });

  it("finishes what is queued when it is closed, and takes no more", async () => {
    const goOn = holdUp();
    const appends = Array.from({ length: 10 }, () => log.append(one("x".repeat(30_000))));
    await until(() => faulty.writes.length === 1);
    const closing = log.close();
    await expect(log.append(one("late"))).rejects.toThrow(LogUnavailable);
    goOn();
    await closing;
    expect((await Promise.all(appends)).map(({ offsetsBase }) => offsetsBase[0])).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it("gives back on disk what does not fit into memory beside the newest batches, and nothing that a reader has", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-log-"));
    const limits = { tailBytesMax: 250_000 };
    const onDisk = await openEmbeddedLog({ directory, clock: new ManualClock(), limits });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await onDisk.createTopics([{ name: "events", partitions: 2, policy }]);
    const large = (letter: string) => [0, 1].flatMap((partition) => one(letter.repeat(100_000), partition));
    await onDisk.append(large("a"));
    const read = (await fetchNow(onDisk)).records;
    // Larger than what is kept, by itself and with what was there.
    const parts = [...large("b"), ...one("c".repeat(BATCH_BYTES_MAX - 10))];
    await onDisk.append(parts);
    const [first] = read;
    expect(Buffer.from(first?.value ?? []).toString()).toBe("a".repeat(100_000));
    const options = { bytesMaxPerPartition: 2_000_000, waitMsMax: 0, signal: new AbortController().signal };
    const positions = [0, 1].map((partition) => ({ topic: "events", partition, offset: 0 }));
    const slices = await onDisk.fetch(positions, options);
    const letters = slices.map(({ records }) => records.map(({ value }) => String.fromCodePoint(value?.[0] ?? 0)));
    expect(letters).toEqual([
      ["a", "b", "c"],
      ["a", "b"],
    ]);
    await onDisk.close();
    await rm(directory, { recursive: true });
  });

  it("asserts what its callers must keep: keys, batches that are not empty, one commit at a time", async () => {
    const key = Buffer.alloc(1_025);
    const records = [{ key, value: null }];
    await expect(log.append([{ topic: "events", partition: 0, records }])).rejects.toThrow(InvariantBroken);
    await expect(log.append([{ topic: "events", partition: 0, records: [] }])).rejects.toThrow(InvariantBroken);
    await expect(log.append([])).rejects.toThrow(InvariantBroken);
    const writer = await log.openWriter("writer");
    const first = writer.commit(one("a"));
    await expect(writer.commit(one("b"))).rejects.toThrow(InvariantBroken);
    await first;
  });
});

function one(value: string, partition = 0): PartitionBatch[] {
  return [{ topic: "events", partition, records: [{ key: null, value: Buffer.from(value) }] }];
}

async function fetchNow(log: EmbeddedLog) {
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  const [slice] = await log.fetch([{ topic: "events", partition: 0, offset: 0 }], options);
  if (slice === undefined) throw new Error("a fetch of one position returned no slice");
  return slice;
}

/** Longer than anything takes that waits for nothing. */
async function patience(): Promise<null> {
  for (let turns = 0; turns < 200; turns += 1) await Promise.resolve();
  return null;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    expect(turns).toBeLessThan(1_000);
    await Promise.resolve();
  }
}
