import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { ClockGuard } from "./clock-guard.ts";

const MINUTE_MS = 60_000;
const START_AT = 1_700_000_000_000;
const scales = fc.constantFrom(1, 60, 21_600);

test("a clock that is right never halts, however long each append time took to be seen, up to a minute", () => {
  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 0, max: 10_000_000 }), late: fc.integer({ min: 0, max: 59_999 }) }),
  );
  fc.assert(
    fc.property(scales, fc.integer({ min: 0, max: 59_999 }), steps, (timeScale, barrierLate, seen) => {
      let elapsed = 100_000;
      const guard = new ClockGuard(
        monotonic(() => elapsed),
        { leadMsMax: MINUTE_MS, timeScale },
      );
      const trueTime = (at: number): number => START_AT + at * timeScale;
      guard.saw(trueTime(elapsed - barrierLate));
      guard.check(trueTime(elapsed));
      for (const { ms, late } of seen) {
        elapsed += ms;
        guard.saw(trueTime(elapsed - late));
        guard.check(trueTime(elapsed));
      }
    }),
  );
});

test("a process that was suspended between asking for the barrier and its answer does not halt", () => {
  fc.assert(
    fc.property(
      scales,
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 0, max: 1e9 }),
      (timeScale, until, after) => {
        let elapsed = 5_000;
        const guard = new ClockGuard(
          monotonic(() => elapsed),
          { leadMsMax: MINUTE_MS, timeScale },
        );
        const askedAt = elapsed;
        elapsed += until;
        const appendedAt = START_AT + elapsed * timeScale;
        elapsed += after;
        guard.saw(appendedAt, askedAt);
        guard.check(START_AT + elapsed * timeScale);
      },
    ),
  );
});

test("a clock that gains a little on the monotonic one does not halt as long as append times are seen", () => {
  let elapsed = 0;
  const guard = new ClockGuard(
    monotonic(() => elapsed),
    { leadMsMax: MINUTE_MS, timeScale: 1 },
  );
  const GAIN = 1.001;
  for (; elapsed < 7 * 86_400_000; elapsed += MINUTE_MS) {
    guard.saw(START_AT + elapsed * GAIN);
    guard.check(START_AT + elapsed * GAIN + 100);
  }
  expect(START_AT + elapsed * GAIN).toBeGreaterThan(START_AT + elapsed + MINUTE_MS);
});

test("a leap of more than a minute halts, whether or not append times have leapt too", () => {
  fc.assert(
    fc.property(scales, fc.integer({ min: MINUTE_MS + 1, max: 1e9 }), fc.boolean(), (timeScale, leapMs, seen) => {
      let elapsed = 5_000;
      const guard = new ClockGuard(
        monotonic(() => elapsed),
        { leadMsMax: MINUTE_MS, timeScale },
      );
      guard.saw(START_AT);
      elapsed += 1_000;
      const leapt = START_AT + (1_000 + leapMs) * timeScale;
      if (seen) guard.saw(leapt);
      expect(() => guard.check(leapt)).toThrow(/clock/);
    }),
  );
});

test("a machine that was suspended does not halt, whether or not append times are seen first", () => {
  const naps = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 1e9 }), seen: fc.boolean() }), { minLength: 1 });
  fc.assert(
    fc.property(naps, (all) => {
      const { time, trueTime, guard } = machine();
      for (const { ms, seen } of all) {
        time.elapsed += 10;
        time.asleep += ms;
        if (seen) guard.saw(trueTime());
        guard.check(trueTime());
      }
    }),
  );
});

test("a leap halts also where the machine was suspended before, for long or often for a short time", () => {
  const naps = fc.array(fc.integer({ min: 2_000, max: 59_999 }));
  const leaps = fc.integer({ min: MINUTE_MS + 1, max: 1e9 });
  fc.assert(
    fc.property(naps, fc.integer({ min: 0, max: 1e9 }), leaps, (short, long, leapMs) => {
      const { time, trueTime, guard } = machine();
      for (const ms of short) {
        time.asleep += ms;
        guard.saw(trueTime());
        guard.check(trueTime());
      }
      time.asleep += long;
      guard.check(trueTime());
      time.elapsed += 1_000;
      expect(() => guard.check(trueTime() + leapMs)).toThrow(/clock/);
    }),
  );
});

/** One that can be suspended, and a guard that has seen its time. */
function machine() {
  const time = { elapsed: 5_000, asleep: 1e6 };
  const trueTime = (): number => START_AT + time.elapsed + time.asleep;
  const clock = monotonic(
    () => time.elapsed,
    () => time.asleep,
  );
  const guard = new ClockGuard(clock, { leadMsMax: MINUTE_MS, timeScale: 1 });
  guard.saw(trueTime());
  return { time, trueTime, guard };
}

function monotonic(elapsed: () => number, asleep: () => number = () => 0): Clock {
  return { now: () => 0, monotonic: elapsed, asleep, sleep: () => Promise.resolve(), yield: () => Promise.resolve() };
}
