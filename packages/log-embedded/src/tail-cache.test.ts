import { describe, expect, it } from "vitest";
import { encodeParts } from "./encoded-part.ts";
import { emptyPartition } from "./partition.ts";
import { joinBatch, type StoredBatch } from "./stored-batch.ts";
import { TailCache } from "./tail-cache.ts";

function batchAt(offsetFirst: number, count: number): StoredBatch {
  const record = { key: null, value: Buffer.alloc(1_000) };
  const records = Array.from({ length: count }, () => record);
  return joinBatch(offsetFirst, 1, encodeParts([{ topic: "any", partition: 0, records }]));
}

describe("the newest batches", () => {
  const one = emptyPartition("one", 0, 0);
  const two = emptyPartition("two", 1, 0);

  it("are found from the one that holds the offset on", () => {
    const tail = new TailCache(1_000_000);
    for (const offset of [10, 12, 14]) tail.push(one, batchAt(offset, 2));
    const firstFrom = (offset: number) => tail.from(one, offset)?.map(({ offsetFirst }) => offsetFirst);
    expect(firstFrom(10)).toEqual([10, 12, 14]);
    expect(firstFrom(13)).toEqual([12, 14]);
    expect(firstFrom(14)).toEqual([14]);
  });

  it("are not found for an offset before them, or another partition", () => {
    const tail = new TailCache(1_000_000);
    tail.push(one, batchAt(10, 2));
    expect(tail.from(one, 9)).toBeUndefined();
    expect(tail.from(two, 10)).toBeUndefined();
  });

  it("stay within their bytes, the oldest of all partitions going first", () => {
    const tail = new TailCache(20_000);
    tail.push(one, batchAt(0, 2));
    for (let index = 0; index < 3_000; index += 1) tail.push(two, batchAt(index * 2, 2));
    expect(tail.from(one, 0)).toBeUndefined();
    expect(tail.from(two, 5_900)).toBeUndefined();
    const kept = tail.from(two, 5_998)?.length ?? 0;
    expect(kept).toBe(1);
    const oldest = [5_982, 5_984, 5_986, 5_988].find((offset) => tail.from(two, offset) !== undefined) ?? NaN;
    const batches = tail.from(two, oldest) ?? [];
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
    expect(bytes).toBeLessThanOrEqual(20_000);
    expect(bytes).toBeGreaterThan(12_000);
  });

  it("tell what goes for one, which may be that one itself", () => {
    const tail = new TailCache(5_000);
    const [first, second, large] = [batchAt(0, 2), batchAt(2, 2), batchAt(4, 6)];
    expect(tail.push(one, first)).toEqual([]);
    expect(tail.push(one, second)).toEqual([]);
    expect(tail.push(two, large)).toEqual([first, second, large]);
  });

  it("of no bytes are none", () => {
    const tail = new TailCache(0);
    tail.push(one, batchAt(0, 1));
    expect(tail.from(one, 0)).toBeUndefined();
  });
});
