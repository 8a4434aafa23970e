import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LogRecord } from "./event-log.ts";
import { InputBuffer, inputRecordAt, planMerge } from "./merge.ts";

const UNBOUNDED = {
  turnRecordsMax: Number.POSITIVE_INFINITY,
  turnKeysMax: Number.POSITIVE_INFINITY,
  turnBytesMax: Number.POSITIVE_INFINITY,
};

test("records come by append time, then by rank, then by offset, and none before what could still arrive", () => {
  fc.assert(
    fc.property(inputs(), (described) => {
      const buffers = described.map(({ times, completeTo }, rank) => bufferOf(rank, times, completeTo));
      const plan = planMerge(buffers, UNBOUNDED);
      const { lowerAfter } = plan;
      const records = plan.records.map((_, index) => inputRecordAt(plan, index));
      const order = records.map((record) => [record.record.appendedAt, record.input, record.record.offset]);
      expect(order).toEqual([...order].sort(compare));
      for (const [rank, { times, completeTo }] of described.entries()) {
        const taken = records.filter((record) => record.input === rank).length;
        // Whatever this input can still bring comes after everything that was taken.
        const next = times[taken] ?? completeTo;
        expect(lowerAfter).toBeLessThanOrEqual(next);
        for (const record of records) {
          expect(
            compare([record.record.appendedAt, record.input, record.record.offset], [next, rank, taken]),
          ).toBeLessThan(0);
        }
      }
    }),
  );
});

test("nothing is held back that is certain", () => {
  const early = bufferOf(0, [5, 7], 20);
  const seenToTheEnd = bufferOf(1, [], 10);
  expect(timesOf(planMerge([early, seenToTheEnd], UNBOUNDED).records)).toEqual([5, 7]);
});

test("a record waits for an input that has not been seen up to its time", () => {
  const early = bufferOf(0, [5, 12], 20);
  const unseen = bufferOf(1, [], 10);
  const plan = planMerge([early, unseen], UNBOUNDED);
  expect(timesOf(plan.records)).toEqual([5]);
  expect(plan.lowerAfter).toBe(10);
});

test("at equal times the lower rank goes first, also when the other has not arrived yet", () => {
  expect(timesOf(planMerge([bufferOf(0, [10], 11), bufferOf(1, [], 10)], UNBOUNDED).records)).toEqual([10]);
  expect(timesOf(planMerge([bufferOf(0, [], 10), bufferOf(1, [10], 11)], UNBOUNDED).records)).toEqual([]);
});

test("a plan ends at its bound of records and at the first TICK", () => {
  expect(planMerge([bufferOf(0, [1, 2, 3], 9)], { ...UNBOUNDED, turnRecordsMax: 2 })).toMatchObject({ lowerAfter: 3 });
  const ticks = new InputBuffer({ topic: "ticks", rank: 1, holdsTicks: true }, 0);
  ticks.push(recordOf(0, 2));
  ticks.completeTo = 9;
  const plan = planMerge([bufferOf(0, [1, 2, 3], 9), ticks], UNBOUNDED);
  expect(plan.inputs).toEqual([0, 0, 1]);
});

test("a plan ends with the record that brings its last key", () => {
  const buffer = bufferOf(0, [], 9);
  for (const [offset, key] of ["ann", "bob", "ann", "cy", "cy", "dee"].entries()) {
    buffer.push({ ...recordOf(offset, offset), key: Buffer.from(key) });
  }
  const lengths = [1, 2, 3, 4, 5].map(
    (turnKeysMax) => planMerge([buffer], { ...UNBOUNDED, turnKeysMax }).records.length,
  );
  expect(lengths).toEqual([1, 2, 4, 6, 6]);
  expect(planMerge([buffer], { ...UNBOUNDED, turnKeysMax: 2 }).lowerAfter).toBe(2);
  const keyless = bufferOf(0, [], 9);
  for (let offset = 0; offset < 4; offset++) keyless.push({ ...recordOf(offset, offset), key: null });
  expect(planMerge([keyless], { ...UNBOUNDED, turnKeysMax: 2 }).records).toHaveLength(4);
});

test("a buffer counts the bytes it holds, also after many drops", () => {
  const buffer = bufferOf(0, [], 0);
  for (let i = 0; i < 5_000; i++) buffer.push(recordOf(i, i));
  buffer.drop(4_999);
  expect([buffer.length, buffer.bytes, buffer.at(0)?.offset]).toEqual([1, 2, 4_999]);
  buffer.drop(1);
  expect([buffer.length, buffer.bytes]).toEqual([0, 0]);
});

test("what was dropped from a buffer is held by nothing", async () => {
  const buffer = bufferOf(0, [], 0);
  const dropped: WeakRef<object>[] = [];
  for (let offset = 0; offset < 50; offset++) {
    const item = recordOf(offset, offset);
    dropped.push(new WeakRef(item));
    buffer.push(item);
  }
  buffer.drop(49);
  await new Promise(setImmediate); // What a WeakRef was made of lives until then.
  collectGarbage();
  expect(dropped.map((item) => item.deref() !== undefined).indexOf(true)).toBe(49);
});

test("the offset to fetch next follows every record that was pushed", () => {
  const buffer = bufferOf(0, [1, 1, 2], 9);
  expect(buffer.offsetNext).toBe(3);
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

function inputs(): fc.Arbitrary<{ times: number[]; completeTo: number }[]> {
  const input = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 8 }).chain((unsorted) => {
    const sorted = [...unsorted].sort((a, b) => a - b);
    return fc.integer({ min: sorted.at(-1) ?? 0, max: 15 }).map((completeTo) => ({ times: sorted, completeTo }));
  });
  return fc.array(input, { minLength: 1, maxLength: 4 });
}

function bufferOf(rank: number, appendTimes: readonly number[], completeTo: number): InputBuffer {
  const buffer = new InputBuffer({ topic: `input-${rank}`, rank, holdsTicks: false }, 0);
  for (const [offset, time] of appendTimes.entries()) buffer.push(recordOf(offset, time));
  buffer.completeTo = completeTo;
  return buffer;
}

function recordOf(offset: number, appendedAt: number): LogRecord {
  return { offset, appendedAt, key: Buffer.from("k"), value: Buffer.from("v"), bytes: 2 };
}

function timesOf(records: readonly LogRecord[]): number[] {
  return records.map((record) => record.appendedAt);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    if (value !== b[index]) return value - (b[index] ?? 0);
  }
  return 0;
}
