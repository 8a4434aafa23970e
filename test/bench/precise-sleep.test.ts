import { expect, test } from "vitest";
import { preciseSleep } from "./precise-sleep.ts";

const never = new AbortController().signal;

test("it sleeps no shorter than it was told, and is done", async () => {
  await using precise = preciseSleep();
  for (const ms of [0.2, 1.5, 3.25]) {
    const startedAt = process.hrtime.bigint();
    await precise.sleep(ms, never);
    expect(Number(process.hrtime.bigint() - startedAt) / 1e6).toBeGreaterThanOrEqual(ms);
  }
});

test("it wakes when the signal aborts", async () => {
  await using precise = preciseSleep();
  const stop = new AbortController();
  const sleeping = precise.sleep(60_000, stop.signal);
  stop.abort();
  await expect(sleeping).resolves.toBeUndefined();
  await expect(precise.sleep(60_000, stop.signal)).resolves.toBeUndefined();
});
