import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "@tidemark/clock";
import { keptClock } from "./kept-clock.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kept-clock-"));
});
afterEach(async () => rm(directory, { recursive: true }));

it("a demo's clock stands still while nobody keeps it, and goes on from there", async () => {
  let monotonic = 0;
  const beneath = { ...systemClock(), monotonic: () => monotonic };
  const demo = { seed: 1, customers: 1, startAt: 0, clockBase: 1_000_000, factor: 1000 };
  const first = await keptClock(directory, demo, beneath);
  const stop = new AbortController();
  const keeping = first.keep(stop.signal);
  monotonic = 5000;
  stop.abort();
  await keeping;
  expect(first.clock.now()).toBe(6_000_000);

  monotonic = 90_000;
  const second = await keptClock(directory, demo, beneath);
  expect([second.scale.base, second.clock.now()]).toEqual([6_000_000, 6_000_000]);
});
