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
    yield: queueOfSlices(),
  };
}

const NS_PER_MS = 1e6;

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
