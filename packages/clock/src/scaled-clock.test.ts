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
