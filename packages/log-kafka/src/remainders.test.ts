import type { Slice } from "@tidemark/streams";
import { describe, expect, it } from "vitest";
import { Remainders } from "./remainders.ts";

/** Records of 10 bytes at these offsets, their append times ten times their offsets. */
function sliceOf(partition: number, offsets: readonly number[]): Slice {
  const records = offsets.map((offset) => ({
    offset,
    appendedAt: offset * 10,
    key: null,
    value: new Uint8Array(10),
    bytes: 10,
  }));
  return { topic: "a", partition, records, offsetNext: 100, offsetEnd: 100, completeTo: 5_000 };
}

describe("what came beyond what was asked for", () => {
  it("is had from where the slice ended, until the end of what was fetched", () => {
    const remainders = new Remainders(1_000);
    const first = remainders.cut(sliceOf(0, [1, 2, 5, 9]), 20);
    expect(first.records.map(({ offset }) => offset)).toEqual([1, 2]);
    expect(first).toMatchObject({ offsetNext: 5, completeTo: 20 });
    const rest = remainders.take({ topic: "a", partition: 0 }, 5);
    expect(rest?.records.map(({ offset }) => offset)).toEqual([5, 9]);
    expect(rest).toMatchObject({ offsetNext: 100, completeTo: 5_000 });
    expect(remainders.take({ topic: "a", partition: 0 }, 5)).toBeNull();
  });

  it("is at least one record less than what came", () => {
    const remainders = new Remainders(1_000);
    expect(remainders.cut(sliceOf(0, [1, 2]), 1).records).toHaveLength(1);
    expect(remainders.cut(sliceOf(0, [7]), 1)).toEqual(sliceOf(0, [7]));
  });

  it("is not for who asks elsewhere, and is gone then", () => {
    const remainders = new Remainders(1_000);
    remainders.cut(sliceOf(0, [1, 2]), 10);
    expect(remainders.take({ topic: "a", partition: 1 }, 2)).toBeNull();
    expect(remainders.take({ topic: "a", partition: 0 }, 3)).toBeNull();
    expect(remainders.take({ topic: "a", partition: 0 }, 2)).toBeNull();
  });

  it("keeps to its bound: the oldest goes", () => {
    const remainders = new Remainders(35);
    for (const partition of [0, 1, 2]) remainders.cut(sliceOf(partition, [1, 2, 3]), 10);
    const kept = [0, 1, 2].map((partition) => remainders.take({ topic: "a", partition }, 2) !== null);
    expect(kept).toEqual([false, false, true]);
  });
});
