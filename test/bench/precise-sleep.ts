import { Worker } from "node:worker_threads";

export interface PreciseSleep extends AsyncDisposable {
  /** Resolves after `ms`, or earlier when the signal aborts; one at a time. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * Sleeps for fractions of a millisecond, in a thread that does nothing else: timers of an event loop count whole ones, and who waits
 * awake for the rest takes a core from those that are measured.
 */
export function preciseSleep(): PreciseSleep {
  const worker = new Worker(new URL("precise-sleep-thread.ts", import.meta.url));
  let wake: () => void = () => undefined;
  worker.on("message", () => wake());
  return {
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        wake = () => {
          signal.removeEventListener("abort", wake);
          resolve();
        };
        signal.addEventListener("abort", wake);
        if (signal.aborted) wake();
        else worker.postMessage(process.hrtime.bigint() + BigInt(Math.round(ms * NS_A_MS)), []);
      }),
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

const NS_A_MS = 1_000_000;
