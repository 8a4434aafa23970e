import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@tidemark/streams";

/**
 * The machine's clock. Only the first file of a thread makes one; everything below it is handed a {@link Clock}.
 * `monotonic` counts from an origin that all threads of a process share (`performance.now()` counts from each one's own start).
 */
export function systemClock(): Clock {
  return {
    now: Date.now,
    monotonic: () => Number(process.hrtime.bigint()) / NS_PER_MS,
    sleep,
    yield: async () => {
      await nextTurn();
    },
  };
}

const NS_PER_MS = 1e6;

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
