import { setImmediate } from "node:timers/promises";
import type { EventLog, LogRecord, RecordToAppend } from "@tidemark/streams";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { describe, expect, it } from "vitest";
import type { LogLimits } from "./limits.ts";
import { batchesInLevel } from "./batches-in-level.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog, type EmbeddedLog } from "./open-embedded-log.ts";

const LAG_MS = 10_000;
const TOMBSTONE_MS = 50_000;
const LIMITS = {
  segmentBytesMax: 1_000,
  compactionRecordsMin: 20,
  tombstoneRetentionMs: TOMBSTONE_MS,
  tailBytesMax: 0,
  maintenanceIntervalMs: 1_000_000_000,
};

interface Compacted {
  readonly log: EmbeddedLog;
  readonly clock: ManualClock;
  readonly level: MemoryLevel;
}

async function openLog(limits: Partial<LogLimits> = {}): Promise<Compacted> {
  const clock = new ManualClock();
  const level = new MemoryLevel();
  const onProblem = (error: unknown): void => {
    throw error;
  };
  const log = await openEmbeddedLog({ level, clock, limits: { ...LIMITS, ...limits }, onProblem });
  const policy = { cleanup: "compact", compactionLagMsMax: LAG_MS } as const;
  await log.createTopics([{ name: "profiles", partitions: 1, policy }]);
  return { log, clock, level };
}

async function put(log: EventLog, key: string | null, value: string | null): Promise<void> {
  await append(log, [
    { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) },
  ]);
}

async function append(log: EventLog, records: readonly RecordToAppend[]): Promise<void> {
  await log.append([{ topic: "profiles", partition: 0, records }]);
}

/** Closes the segment that is written to by the age of what is in it. */
async function age({ log, clock }: Compacted, ms = LAG_MS): Promise<void> {
  clock.advance(ms);
  await log.maintain();
}

async function read(log: EventLog, from = 0, bytesMax = 1_000_000): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const { end } = await log.offsets("profiles", 0);
  const options = { bytesMaxPerPartition: bytesMax, waitMsMax: 0, signal: new AbortController().signal };
  for (let offset = from; offset < end;) {
    const [slice] = await log.fetch([{ topic: "profiles", partition: 0, offset }], options);
    if (slice === undefined || slice.offsetNext <= offset) throw new Error("a reader does not come forward");
    records.push(...slice.records);
    offset = slice.offsetNext;
  }
  return records;
}

function shown({ offset, key, value }: LogRecord): readonly [number, string | null, string | null] {
  return [offset, text(key), text(value)];
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

describe("compaction", () => {
  it("leaves the newest record of each key, at its offset and append time", async () => {
    const compacted = await openLog();
    const { log, clock } = compacted;
    for (let round = 0; round < 5; round += 1) {
      await put(log, "a", `a${round}`);
      clock.advance(10);
      await put(log, "b", `b${round}`);
    }
    const before = await read(log);
    await age(compacted);
    const after = await read(log);
    expect(after.map(shown)).toEqual([
      [8, "a", "a4"],
      [9, "b", "b4"],
    ]);
    expect(after.map(({ appendedAt }) => appendedAt)).toEqual(before.slice(8).map(({ appendedAt }) => appendedAt));
    expect(await log.offsets("profiles", 0)).toEqual({ start: 0, end: 10 });
    await log.close();
  });

  it("lets a reader begin anywhere and jump over the gaps", async () => {
    const compacted = await openLog();
    const { log } = compacted;
    for (let index = 0; index < 40; index += 1) await put(log, `k${index % 4}`, `${index}`);
    await age(compacted);
    for (let offset = 0; offset <= 40; offset += 1) {
      expect((await read(log, offset)).map(shown)).toEqual(
        [36, 37, 38, 39].filter((each) => each >= offset).map((each) => [each, `k${each % 4}`, `${each}`]),
      );
    }
    await log.close();
  });

  it("does not touch the segment that is written to", async () => {
    const { log } = await openLog({ segmentBytesMax: 1_000_000 });
    for (let index = 0; index < 100; index += 1) await put(log, "a", `${index}`);
    await log.maintain();
    expect(await read(log)).toHaveLength(100);
    await log.close();
  });

  it("begins when as much is new as was left the last time", async () => {
    const { log } = await openLog();
    const segments = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) await put(log, `k${index % 30}`, "x".repeat(300));
    };
    await segments(100);
    await log.maintain();
    const left = (await read(log)).length;
    expect(left).toBeLessThan(40);
    await segments(15);
    await log.maintain();
    expect(await read(log)).toHaveLength(left + 15);
    await segments(60);
    await log.maintain();
    expect((await read(log)).length).toBeLessThan(40);
    await log.close();
  });

  it("does not leave an old value longer than the lag, though little is written", async () => {
    const compacted = await openLog();
    await put(compacted.log, "a", "personal");
    await put(compacted.log, "a", null);
    await age(compacted, LAG_MS / 2 + 1);
    expect((await read(compacted.log)).map(shown)).toEqual([[1, "a", null]]);
    await compacted.log.close();
  });

  it("keeps tombstones for their time, and then nothing of the key", async () => {
    const compacted = await openLog();
    const { log } = compacted;
    await put(log, "gone", "value");
    await put(log, "gone", null);
    await age(compacted);
    expect((await read(log)).map(shown)).toEqual([[1, "gone", null]]);
    await put(log, "other", "1");
    await age(compacted, TOMBSTONE_MS + 1);
    await put(log, "other", "2");
    await age(compacted);
    expect((await read(log)).map(shown)).toEqual([[3, "other", "2"]]);
    await log.close();
  });

  it("keeps records without a key", async () => {
    const compacted = await openLog();
    await put(compacted.log, null, "1");
    await put(compacted.log, null, "2");
    await age(compacted);
    expect(await read(compacted.log)).toHaveLength(2);
    await compacted.log.close();
  });

  it("puts what has become small together, and is found again when the log is opened", async () => {
    const compacted = await openLog();
    const { log, level, clock } = compacted;
    for (let index = 0; index < 300; index += 1) await put(log, `k${index % 7}`, `${index}`);
    const before = await batchesIn(level);
    await age(compacted);
    expect(await batchesIn(level)).toBeLessThan(before / 5);
    const records = await read(log);
    await log.close();
    const again = await openEmbeddedLog({ level, clock, limits: LIMITS });
    expect((await read(again)).map(shown)).toEqual(records.map(shown));
    await again.close();
  });

  it("goes on where memory for keys ran out", async () => {
    const compacted = await openLog({ compactionKeysMax: 10 });
    const { log } = compacted;
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 50; index += 1) await put(log, `k${index}`, `${round}`);
    }
    await age(compacted);
    expect((await read(log)).length).toBeGreaterThan(50);
    for (let pass = 0; pass < 40; pass += 1) await age(compacted);
    expect((await read(log)).map(({ value }) => text(value))).toEqual(Array.from({ length: 50 }, () => "1"));
    await log.close();
  });

  it("does not disturb readers that are under way, in slices of any size", async () => {
    const compacted = await openLog();
    const { log } = compacted;
    const newest = new Map<string, string>();
    const write = async (from: number, to: number): Promise<void> => {
      for (let index = from; index < to; index += 1) {
        newest.set(`k${index % 11}`, `${index}`);
        compacted.clock.advance(1);
        await put(log, `k${index % 11}`, `${index}`);
      }
    };
    await write(0, 200);
    const seen = new Map<string, string>();
    const written = new AbortController();
    const follow = async (): Promise<void> => {
      const options = { bytesMaxPerPartition: 20, waitMsMax: 0, signal: new AbortController().signal };
      let offset = 0;
      while (!written.signal.aborted || offset < (await log.offsets("profiles", 0)).end) {
        const [slice] = await log.fetch([{ topic: "profiles", partition: 0, offset }], options);
        for (const each of slice?.records ?? []) {
          expect(each.offset).toBeGreaterThanOrEqual(offset);
          seen.set(text(each.key) ?? "", text(each.value) ?? "");
        }
        offset = slice?.offsetNext ?? NaN;
        await setImmediate();
      }
    };
    const following = follow();
    for (let round = 1; round < 8; round += 1) {
      await write(200 * round, 200 * round + 200);
      await age(compacted);
    }
    written.abort();
    await following;
    expect(seen).toEqual(newest);
    await log.close();
  });

  it("of any history leaves the final state, whatever the reader's start", async () => {
    const change = fc.record({ key: fc.nat({ max: 6 }), value: fc.option(fc.nat({ max: 99 }), { freq: 4 }) });
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 8 }) }) },
      { weight: 2, arbitrary: fc.record({ ageMs: fc.constantFrom(1, LAG_MS, TOMBSTONE_MS) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, at) => {
          const compacted = await openLog({ segmentBytesMax: 100, compactionRecordsMin: 3, compactionKeysMax: 4 });
          const written: { offset: number; key: string; value: string | null }[] = [];
          for (const each of steps) {
            if ("ageMs" in each) {
              await age(compacted, each.ageMs);
              continue;
            }
            const records = each.changes.map(({ key, value }) => ({
              key: `k${key}`,
              value: value?.toString() ?? null,
            }));
            for (const { key, value } of records) written.push({ offset: written.length, key, value });
            await append(
              compacted.log,
              records.map(({ key, value }) => ({
                key: Buffer.from(key),
                value: value === null ? null : Buffer.from(value),
              })),
            );
          }
          const from = Math.floor(at * written.length);
          const records = await read(compacted.log, from, 10);
          await compacted.log.close();
          // What is read was written, as it was, and ends in the same state as the whole history.
          for (const each of records) expect(written[each.offset]).toEqual(asWritten(each));
          expect(stateOf(records.map(asWritten))).toEqual(stateOf(written.slice(from)));
        },
      ),
      { numRuns: 60 },
    );
  });
});

function asWritten({ offset, key, value }: LogRecord) {
  return { offset, key: text(key) ?? "", value: text(value) };
}

/** Deleted keys are absent, whether their tombstones are still there or not. */
function stateOf(history: readonly { readonly key: string; readonly value: string | null }[]): Map<string, string> {
  const state = new Map<string, string>();
  for (const { key, value } of history) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
  return state;
}

async function batchesIn(level: MemoryLevel): Promise<number> {
  return (await batchesInLevel(level)).length;
}
