import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { systemClock } from "./system-clock.ts";

it("wakes a sleeper when the signal aborts, and one that would sleep after that at once", async () => {
  const clock = systemClock();
  const abort = new AbortController();
  const before = clock.monotonic();
  const sleeping = clock.sleep(60_000, abort.signal);
  abort.abort();
  await sleeping;
  await clock.sleep(60_000, abort.signal);
  expect(clock.monotonic() - before).toBeLessThan(30_000);
});

it("sleeps for as long as it is told, by the monotonic clock", async () => {
  const clock = systemClock();
  const before = clock.monotonic();
  await clock.sleep(20, new AbortController().signal);
  expect(clock.monotonic() - before).toBeGreaterThan(18);
});

it("lets one of those who give way go on in each pass of the event loop, in order", async () => {
  const clock = systemClock();
  const wentOn: string[] = [];
  const work = async (name: string): Promise<void> => {
    for (let slice = 1; slice <= 2; slice++) {
      await clock.yield();
      wentOn.push(`${name}${slice}`);
    }
  };
  const all = Promise.all(["a", "b", "c"].map(work));
  for (let pass = 0; pass < 6; pass++) {
    expect(wentOn).toHaveLength(pass);
    await new Promise(setImmediate);
  }
  await all;
  expect(wentOn).toEqual(["a1", "b1", "c1", "a2", "b2", "c2"]);
});

it("is the same in another thread, by either clock", async () => {
  const clock = systemClock();
  const before = { now: clock.now(), monotonic: clock.monotonic() };
  const module = JSON.stringify(new URL("system-clock.ts", import.meta.url).href);
  const source = `import("node:worker_threads").then(async ({ parentPort }) => {
    const { systemClock } = await import(${module});
    const clock = systemClock();
    parentPort.postMessage({ now: clock.now(), monotonic: clock.monotonic() });
  });`;
  const worker = new Worker(source, { eval: true });

  const [there] = (await once(worker, "message")) as [typeof before];
  const after = { now: clock.now(), monotonic: clock.monotonic() };
  expect(there.now).toBeGreaterThanOrEqual(before.now);
  expect(there.now).toBeLessThanOrEqual(after.now);
  expect(there.monotonic).toBeGreaterThan(before.monotonic);
  expect(there.monotonic).toBeLessThan(after.monotonic);
});
