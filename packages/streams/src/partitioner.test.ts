import { expect, test } from "vitest";
import { murmur2, partitionOf } from "./partitioner.ts";

// Expected values: Apache Kafka's own UtilsTest.testMurmur2.
const PUBLISHED: readonly (readonly [string, number])[] = [
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
];

test("murmur2 gives the values that the Java client's own test publishes", () => {
  for (const [text, hash] of PUBLISHED) expect(murmur2(Buffer.from(text))).toBe(hash);
});

test("a partition is never negative and below the count", () => {
  for (let i = 0; i < 1_000; i++) {
    const partition = partitionOf(Buffer.from(`customer-${i}`), 12);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(12);
  }
});
