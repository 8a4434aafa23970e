import { describe, expect, it } from "vitest";
import { Completeness } from "./completeness.ts";

const PLACE = { topic: "a", partition: 0 };
const record = (appendedAt: number) => ({ offset: 0, appendedAt, key: null, value: null, bytes: 0 });

describe("what a slice promises of the future", () => {
  it("is a time of the leader's clock where its append end was reached", () => {
    expect(new Completeness().completeTo(PLACE, [], 7, { offset: 7, time: 1_000 })).toBe(1_000);
    expect(new Completeness().completeTo(PLACE, [record(1_200)], 9, { offset: 7, time: 1_000 })).toBe(1_200);
  });

  it("is the last record's time where it was not, and nothing without one", () => {
    expect(new Completeness().completeTo(PLACE, [record(500)], 6, { offset: 7, time: 1_000 })).toBe(500);
    expect(new Completeness().completeTo(PLACE, [], 6, { offset: 7, time: 1_000 })).toBe(-Infinity);
  });

  it("holds while a transaction is open behind it, and never falls", () => {
    const completeness = new Completeness();
    completeness.completeTo(PLACE, [], 7, { offset: 7, time: 1_000 });
    expect(completeness.completeTo(PLACE, [], 7, { offset: 12, time: 2_000 })).toBe(1_000);
    expect(completeness.completeTo(PLACE, [], 7, { offset: 7, time: 900 })).toBe(1_000);
    expect(completeness.promised(PLACE, 8)).toBe(1_000);
  });

  it("is nothing to a reader who is further back, nor to another partition", () => {
    const completeness = new Completeness();
    completeness.completeTo(PLACE, [], 7, { offset: 7, time: 1_000 });
    expect(completeness.completeTo(PLACE, [record(300)], 4, { offset: 7, time: 2_000 })).toBe(300);
    expect(completeness.promised({ topic: "a", partition: 1 }, 7)).toBe(-Infinity);
  });
});
