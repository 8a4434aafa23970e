import { expect, test } from "vitest";
import { seldom } from "./seldom.ts";

test("the first is told at once, and of what goes on one a minute", () => {
  let now = 5;
  const told: number[] = [];
  const tell = seldom({ monotonic: () => now });
  for (; now < 150_000; now += 500) tell(() => told.push(now));
  expect(told).toEqual([5, 60_005, 120_005]);
});
