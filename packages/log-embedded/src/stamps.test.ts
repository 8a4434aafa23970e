import { describe, expect, it } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { Stamps } from "./stamps.ts";

const forever = new AbortController().signal;

describe("append times", () => {
  it("are the time of the clock in whole milliseconds", () => {
    const clock = new ManualClock(5_000.75);
    expect(new Stamps(clock, 0).next(-1)).toBe(5_000);
  });

  it("do not fall when the clock does, nor below what the log holds (A1)", () => {
    const clock = new ManualClock(5_000);
    const stamps = new Stamps(clock, 4_000);
    expect(stamps.next(-1)).toBe(5_000);
    clock.set(3_000);
    expect(stamps.next(-1)).toBe(5_000);
    expect(new Stamps(clock, 4_000).next(-1)).toBe(4_000);
  });

  it("come after the time asked for, and so do those that follow", () => {
    const stamps = new Stamps(new ManualClock(5_000), 0);
    expect(stamps.next(9_000)).toBe(9_001);
    expect(stamps.next(-1)).toBe(9_001);
  });

  it("are never below what was promised, also when the clock falls (A2)", () => {
    const clock = new ManualClock(5_000);
    const stamps = new Stamps(clock, 0);
    clock.set(7_000);
    expect(stamps.promise()).toBe(7_000);
    clock.set(6_000);
    expect(stamps.next(-1)).toBe(7_000);
  });

  it("once given, the promise lies beyond them, however often it is asked for", () => {
    const stamps = new Stamps(new ManualClock(5_000), 0);
    const stamp = stamps.next(-1);
    expect(stamps.promise()).toBe(stamp + 1);
    expect(stamps.promise()).toBe(stamp + 1);
    expect(stamps.next(-1)).toBe(stamp + 1);
  });

  it("wait for the clock where they have run ahead of it", async () => {
    const clock = new ManualClock(5_000);
    const stamps = new Stamps(clock, 0);
    for (let group = 0; group < 50; group += 1) {
      await stamps.keepPace(forever);
      stamps.next(-1);
      stamps.promise();
    }
    expect(clock.sleepers).toBe(0);
    stamps.next(-1);
    stamps.promise();
    const paced = stamps.keepPace(forever);
    expect(clock.sleepers).toBe(1);
    clock.advance(1);
    await paced;
  });

  it("found in the log later on are not fallen below", () => {
    const stamps = new Stamps(new ManualClock(5_000), 0);
    stamps.found(8_000);
    expect(stamps.next(-1)).toBe(8_000);
  });
});
