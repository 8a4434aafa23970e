import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@tidemark/streams";

/** The machine's clock. Only `main.ts` makes one; everything below it is handed a {@link Clock}. */
export function systemClock(): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    sleep,
    yield: async () => {
      await nextTurn();
    },
  };
}

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
 * It goes by the monotonic clock, so that a correction of the wall clock is not multiplied; `monotonic` and `sleep`
 * stay unscaled, as the port wants them.
 */
export function scaledClock(beneath: Clock, scale: ClockScale): Clock {
  return {
    ...beneath,
    now: () => Math.floor(scale.base + (beneath.monotonic() - scale.startedAt) * scale.factor),
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
