import { describe, expect, it } from "vitest";
import { scaledClock, systemClock } from "./clock.ts";

describe("the system clock", () => {
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
});

describe("a scaled clock", () => {
  it("starts at its base and runs by the factor, in whole milliseconds", () => {
    let monotonic = 500;
    const beneath = { ...systemClock(), monotonic: () => monotonic, now: () => 0 };
    const clock = scaledClock(beneath, { base: 1_000_000, factor: 21_600, startedAt: 500 });
    expect(clock.now()).toBe(1_000_000);
    monotonic += 1000.00001;
    expect(clock.now()).toBe(1_000_000 + 21_600_000);
    expect(clock.monotonic()).toBe(monotonic);
  });
});
