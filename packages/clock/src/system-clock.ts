import { uptime } from "node:os";
import type { Clock } from "@tidemark/streams";

/**
 * The machine's clock. Only the first file of a thread makes one; everything below it is handed a {@link Clock}.
 * `monotonic` counts from the start of the process, in every thread of it.
 */
export function systemClock(): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    asleep: () => 1_000 * uptime() - performance.now(),
    sleep,
    yield: queueOfSlices(),
  };
}

/**
 * Who gives way waits in one line, and each pass of the event loop lets one go on: however many loops of work there
 * are in the thread, what comes in from outside waits for a slice of one of them, not of all.
 */
function queueOfSlices(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const pass = (): void => {
    const next = waiting.shift();
    if (waiting.length > 0) setImmediate(pass);
    next?.();
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(pass);
    });
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
