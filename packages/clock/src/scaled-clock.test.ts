import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { scaledClock } from "./scaled-clock.ts";
import { systemClock } from "./system-clock.ts";

it("starts at its base and runs by the factor, in whole milliseconds", () => {
  let monotonic = 500;
  const beneath = { ...systemClock(), monotonic: () => monotonic, now: () => 0 };
  const clock = scaledClock(beneath, { base: 1_000_000, factor: 21_600, startedAt: 500 });
  expect(clock.now()).toBe(1_000_000);
  monotonic += 1000.00001;
  expect(clock.now()).toBe(1_000_000 + 21_600_000);
  expect(clock.monotonic()).toBe(monotonic);
});

it("says the same in another thread, however much later that one has started", async () => {
  const beneath = systemClock();
  const scale = { base: 1_000_000, factor: 21_600, startedAt: beneath.monotonic() - 60_000 };
  const clock = scaledClock(beneath, scale);
  const module = JSON.stringify(new URL("index.ts", import.meta.url).href);
  const source = `import("node:worker_threads").then(async ({ parentPort, workerData }) => {
    const { scaledClock, systemClock } = await import(${module});
    parentPort.postMessage(scaledClock(systemClock(), workerData).now());
  });`;
  const before = clock.now();
  const worker = new Worker(source, { eval: true, workerData: scale });

  const [there] = (await once(worker, "message")) as [number];
  expect(there).toBeGreaterThanOrEqual(before);
  expect(there).toBeLessThanOrEqual(clock.now());
});
