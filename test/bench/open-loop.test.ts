import { describe, expect, test } from "vitest";
import { openLoop } from "./open-loop.ts";

/** Time that passes only in sleeps, each longer by `lateMs` than was asked for. */
function lateClock(lateMs: number) {
  let now = 1_000;
  return {
    monotonic: () => now,
    sleep: (ms: number) => {
      now += ms + lateMs;
      return Promise.resolve();
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const never = new AbortController().signal;

describe("openLoop", () => {
  test("what is sent late keeps the time it was meant for", async () => {
    const clock = lateClock(25);
    const sent: { readonly intendedAt: number; readonly at: number }[] = [];
    const count = await openLoop({ ratePerSecond: 100, count: 6, clock, signal: never }, (_, intendedAt) =>
      sent.push({ intendedAt, at: clock.monotonic() }),
    );
    expect(count).toBe(6);
    expect(sent.map(({ intendedAt }) => intendedAt)).toEqual([1_000, 1_010, 1_020, 1_030, 1_040, 1_050]);
    expect(sent.map(({ at }) => at)).toEqual([1_000, 1_035, 1_035, 1_035, 1_065, 1_065]);
  });

  test("a pause of the sender is made up for, and the rate stays", async () => {
    const clock = lateClock(0);
    let sentAt = 0;
    await openLoop({ ratePerSecond: 1_000, count: 1_000, clock, signal: never }, (index) => {
      if (index === 10) clock.pass(500);
      sentAt = clock.monotonic();
    });
    expect(sentAt).toBe(1_999);
  });

  test("it ends when the signal aborts", async () => {
    const stop = new AbortController();
    const endless = { ratePerSecond: 10, count: Number.POSITIVE_INFINITY, clock: lateClock(0), signal: stop.signal };
    const count = await openLoop(endless, (index) => {
      if (index === 4) stop.abort();
      if (index > 4) throw new Error("it goes on");
    });
    expect(count).toBe(5);
  });
});
