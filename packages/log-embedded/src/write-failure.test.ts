import type { PartitionBatch } from "@tidemark/streams";
import { CommitUnknown, LogUnavailable, TaskFenced } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultyLevel, type Fault, type FaultyLevel } from "./faulty-level.ts";
import { ManualClock } from "./manual-clock.ts";
import { mended } from "./mended.ts";
import { openEmbeddedLog, type EmbeddedLog } from "./open-embedded-log.ts";

describe("when Level cannot be written", () => {
  let clock: ManualClock;
  let faulty: FaultyLevel;
  let log: EmbeddedLog;
  let problems: unknown[];

  beforeEach(async () => {
    clock = new ManualClock();
    faulty = faultyLevel(new MemoryLevel());
    problems = [];
    log = await openEmbeddedLog({ level: faulty.level, clock, onProblem: (error) => problems.push(error) });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await log.createTopics([{ name: "events", partitions: 2, policy }]);
    await log.append(one("before"));
  });
  afterEach(async () => {
    faulty.fault = () => "none";
    await log.close();
  });

  /** Fails the next write only. */
  const failOnce = (fault: Fault): void => {
    faulty.fault = () => {
      faulty.fault = () => "none";
      return fault;
    };
  };

  const values = async (): Promise<string[]> => {
    const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
    const [slice] = await log.fetch([{ topic: "events", partition: 0, offset: 0 }], options);
    return (slice?.records ?? []).map(({ value }) => Buffer.from(value ?? []).toString());
  };

  it("an append was not stored as far as anyone knows, and a commit is in doubt", async () => {
    const writer = await log.openWriter("writer");
    failOnce("not written");
    const [append, commit] = await Promise.allSettled([log.append(one("append")), writer.commit(one("commit"))]);
    expect(append).toMatchObject({ status: "rejected", reason: expect.any(LogUnavailable) });
    expect(commit).toMatchObject({ status: "rejected", reason: expect.any(CommitUnknown) });
    expect(problems).toHaveLength(1);
    await mended(log, clock);
    expect(await values()).toEqual(["before"]);
  });

  it("what was written all the same is there once the log is mended, all of it", async () => {
    const writer = await log.openWriter("writer");
    failOnce("written, and said that it was not");
    await expect(writer.commit([...one("zero"), ...one("one", 1)])).rejects.toThrow(CommitUnknown);
    await mended(log, clock);
    expect(await values()).toEqual(["before", "zero"]);
    expect(await log.offsets("events", 1)).toEqual({ start: 0, end: 1 });
    expect((await log.append(one("after"))).offsetsBase).toEqual([2]);
  });

  it("what was queued behind it was not stored, and is told so", async () => {
    const writer = await log.openWriter("writer");
    const { promise, resolve } = Promise.withResolvers<Fault>();
    faulty.fault = () => promise;
    const first = log.append(one("in flight"));
    await until(() => faulty.writes.length >= 4);
    const queued = [log.append(one("queued")), writer.commit(one("queued"))];
    const settled = Promise.allSettled([first, ...queued]);
    resolve("not written");
    for (const each of await settled) {
      expect(each).toMatchObject({ status: "rejected", reason: expect.any(LogUnavailable) });
    }
    faulty.fault = () => "none";
    await mended(log, clock);
    expect(await values()).toEqual(["before"]);
  });

  it("nothing is written behind the failure before Level was opened again", async () => {
    failOnce("not written");
    await expect(log.append(one("lost"))).rejects.toThrow(LogUnavailable);
    const written = faulty.writes.length;
    await expect(log.append(one("too soon"))).rejects.toThrow(LogUnavailable);
    await expect(log.openWriter("writer")).rejects.toThrow(LogUnavailable);
    await expect(log.createTopics([])).rejects.toThrow(LogUnavailable);
    await expect(values()).rejects.toThrow(LogUnavailable);
    expect(faulty.writes).toHaveLength(written);
  });

  it("a full disk is tried again until there is room, and then all goes on", async () => {
    faulty.fault = () => "not written";
    await expect(log.append(one("lost"))).rejects.toThrow(LogUnavailable);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      clock.advance(5_000);
      for (let turns = 0; turns < 50; turns += 1) await clock.yield();
    }
    expect(log.available).toBe(false);
    expect(problems.length).toBeGreaterThan(5);
    faulty.fault = () => "none";
    await mended(log, clock);
    await log.append(one("after"));
    expect(await values()).toEqual(["before", "after"]);
  });

  it("a fetch that waits is told, and not left waiting", async () => {
    const options = { bytesMaxPerPartition: 1_000, waitMsMax: 60_000, signal: new AbortController().signal };
    const waiting = log.fetch([{ topic: "events", partition: 1, offset: 0 }], options);
    failOnce("not written");
    await Promise.allSettled([log.append(one("lost"))]);
    await expect(waiting).rejects.toThrow(LogUnavailable);
  });

  it("a writer is not opened while the fate of its predecessor's commit is unknown, and fences it all the same", async () => {
    const old = await log.openWriter("writer");
    const { promise, resolve } = Promise.withResolvers<Fault>();
    faulty.fault = () => promise;
    const commit = old.commit(one("in flight"));
    await until(() => faulty.writes.length >= 4);
    const opening = log.openWriter("writer");
    const settled = Promise.allSettled([commit, opening]);
    resolve("written, and said that it was not");
    const [committed, opened] = await settled;
    expect(committed).toMatchObject({ status: "rejected", reason: expect.any(CommitUnknown) });
    expect(opened).toMatchObject({ status: "rejected", reason: expect.any(LogUnavailable) });
    faulty.fault = () => "none";
    await mended(log, clock);
    expect(await values()).toEqual(["before", "in flight"]);
    await expect(old.commit(one("zombie"))).rejects.toThrow(TaskFenced);
  });

  it("append times do not fall over it", async () => {
    failOnce("written, and said that it was not");
    await expect(log.append(one("doubt"), { after: 5_000_000 })).rejects.toThrow(LogUnavailable);
    await mended(log, clock);
    clock.set(5_000_000);
    const { appendedAt } = await log.append(one("after"));
    expect(appendedAt).toBeGreaterThanOrEqual(5_000_001);
  });

  it("and cannot be read either, a fetch says so as the port names it", async () => {
    await faulty.level.close();
    const options = { bytesMaxPerPartition: 1_000, waitMsMax: 0, signal: new AbortController().signal };
    const uncached = await openEmbeddedLog({ level: faulty.level, clock, limits: { tailBytesMax: 0 } });
    await faulty.level.close();
    await expect(uncached.fetch([{ topic: "events", partition: 0, offset: 0 }], options)).rejects.toThrow(
      LogUnavailable,
    );
    await uncached.close();
  });

  it("the log can still be closed", async () => {
    faulty.fault = () => "not written";
    await expect(log.append(one("lost"))).rejects.toThrow(LogUnavailable);
    await log.close();
    await expect(log.append(one("late"))).rejects.toThrow(LogUnavailable);
  });
});

function one(value: string, partition = 0): PartitionBatch[] {
  return [{ topic: "events", partition, records: [{ key: null, value: Buffer.from(value) }] }];
}

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    expect(turns).toBeLessThan(1_000);
    await Promise.resolve();
  }
}
