import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { Slicer } from "./slicer.ts";

test("work gives way after its slice of time, and not before", async () => {
  const clock = new WorkClock();
  const slicer = new Slicer(clock, 2);
  const stretches: number[] = [];
  let startedAt = clock.monotonic();
  for (let item = 0; item < 10_000; item++) {
    clock.work(0.01);
    if (!slicer.due()) continue;
    stretches.push(clock.monotonic() - startedAt);
    await slicer.pause();
    startedAt = clock.monotonic();
  }
  expect(stretches.length).toBeGreaterThan(0);
  // The clock is looked at every 32 items.
  for (const stretch of stretches) {
    expect(stretch).toBeGreaterThan(2);
    expect(stretch).toBeLessThanOrEqual(2 + 32 * 0.01 + 1e-6);
  }
});

test("the time that others take meanwhile is not counted as work", async () => {
  const clock = new WorkClock();
  const slicer = new Slicer(clock, 1);
  let pauses = 0;
  for (let item = 0; item < 3_200; item++) {
    clock.work(0.05);
    if (!slicer.due()) continue;
    pauses++;
    await slicer.pause();
  }
  expect(pauses).toBeGreaterThan(10);
  expect(slicer.workedMs()).toBeCloseTo(3_200 * 0.05, 6);
  // Only since it was last asked.
  clock.work(7);
  expect(slicer.workedMs()).toBeCloseTo(7, 6);
});

/** Time passes by working and, much more of it, while others have their turn. */
class WorkClock implements Clock {
  #now = 1_000;

  work(ms: number): void {
    this.#now += ms;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }

  async yield(): Promise<void> {
    this.#now += 100;
  }
}
