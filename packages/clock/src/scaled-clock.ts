import type { Clock } from "@tidemark/streams";
import { systemClock } from "./system-clock.ts";

export interface ClockScale {
  /** What `now()` says when the clock starts, ms since the epoch. */
  readonly base: number;
  /** Scaled milliseconds for each real one; 21,600 = six hours a second. */
  readonly factor: number;
  /** `monotonic()` of the clock beneath when this one starts, ms. */
  readonly startedAt: number;
}

/**
 * A clock for demonstrations whose `now()` starts at `base` and runs `factor` times as fast as the one beneath.
 * It goes by the monotonic clock, so that a correction of the wall clock is not multiplied, and stands still while the machine is suspended; `monotonic` and `sleep`
 * stay unscaled, as the port wants them. Two of the same scale say the same, in whichever thread they are.
 */
export function scaledClock(beneath: Clock, scale: ClockScale): Clock {
  return {
    ...beneath,
    now: () => Math.floor(scale.base + (beneath.monotonic() - scale.startedAt) * scale.factor),
    asleep: () => 0,
  };
}

/** For the main file of a thread: what the thread that started it has for a clock. @param scale null = the machine's own */
export function clockOfThread(scale: ClockScale | null): Clock {
  const clock = systemClock();
  return scale === null ? clock : scaledClock(clock, scale);
}
