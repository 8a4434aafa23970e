import { expect, it } from "vitest";
import { systemClock } from "@tidemark/clock";
import { progressLines } from "./progress.ts";

it("where there is no terminal a line is written every few seconds, and none for what is quick", () => {
  let now = 0;
  const lines: string[] = [];
  const clock = { ...systemClock(), monotonic: () => now };
  const progress = progressLines((text) => lines.push(text), clock);
  progress.stage("reading", 40_000_000, "MB");
  progress.update(1_000_000);
  for (now = 1000; now <= 12_000; now += 1000) progress.update(now * 2000);
  progress.stage("storing", null, "items");
  progress.update(5);
  now += 6000;
  progress.update(7000);
  progress.stop();
  now += 60_000;
  progress.update(8000);
  expect(lines).toEqual(["reading: 10 of 40 MB\n", "reading: 20 of 40 MB\n", "storing: 7000 items\n"]);
});
