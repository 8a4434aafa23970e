import { PerformanceObserver } from "node:perf_hooks";
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";

/**
 * Sums the pauses for garbage collection of all threads of a process. It is preloaded (`--import`), which threads
 * inherit, so that the code that is measured need not know of it.
 */
const KEY = "gc-pauses";
const US_PER_MS = 1_000;

if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const pausesUs = new Int32Array(getEnvironmentData(KEY) as SharedArrayBuffer);

const observer = new PerformanceObserver((list) => add(list.getEntries()));
observer.observe({ entryTypes: ["gc"] });

/** Of all threads since the start of the process, ms. */
export function gcPausesMs(): number {
  add(observer.takeRecords());
  return Atomics.load(pausesUs, 0) / US_PER_MS;
}

function add(entries: readonly { readonly duration: number }[]): void {
  for (const { duration } of entries) Atomics.add(pausesUs, 0, Math.round(duration * US_PER_MS));
}
