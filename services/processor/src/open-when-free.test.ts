import { type Clock, DirectoryLocked, type StateStore } from "@tidemark/streams";
import { expect, test } from "vitest";
import { openWhenFree } from "./open-when-free.ts";

let now = 0;
const clock: Clock = {
  now: () => now,
  monotonic: () => now,
  sleep: (ms) => {
    now += ms;
    return Promise.resolve();
  },
  yield: () => Promise.resolve(),
};

test("a store that is never let go of is given up after half a minute, with what kept it", async () => {
  const startedAt = now;
  const opened = openWhenFree(() => Promise.reject(new DirectoryLocked("in use")), clock, never());
  await expect(opened).rejects.toThrow(DirectoryLocked);
  expect(now - startedAt).toBeGreaterThanOrEqual(30_000);
  expect(now - startedAt).toBeLessThan(31_000);
});

test("another failure is told at once, and who stops waiting opens nothing more", async () => {
  const startedAt = now;
  await expect(openWhenFree(() => Promise.reject(new Error("no space")), clock, never())).rejects.toThrow("no space");
  expect(now).toBe(startedAt);

  const stop = new AbortController();
  let attempts = 0;
  const open = (): Promise<StateStore> => {
    attempts += 1;
    if (attempts === 3) stop.abort();
    return Promise.reject(new DirectoryLocked("in use"));
  };
  expect(await openWhenFree(open, clock, stop.signal)).toBeNull();
  expect(attempts).toBe(3);
});

function never(): AbortSignal {
  return new AbortController().signal;
}
