import { existsSync, readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/**
 * Who goes first where all cores are busy: the main thread, which answers queries; then that of the log and those that help all threads,
 * V8's and libuv's; then those that score. Where a core is free everybody has it. Only Linux has priorities of threads; elsewhere the calls would
 * slow the whole process, so nothing is done. Whoever was started with less priority than others keeps what he was given less.
 *
 * Measured on two cores that are busy with 20,000 events a second and whoever sends them: the p99 of a query was 40 ms where only the
 * scoring stood back, and is 14 to 25 with the helpers behind the main thread and the scoring behind them.
 */

/** Steps of niceness, each about a quarter more of a core where both want it. */
const WORKING_FOR_ALL = 10;
const SCORING = 15;
const NICENESS_MAX = 19;
/** What `getPriority` and `setPriority` take for "who calls", which on Linux is a thread. */
const CALLING_THREAD = 0;
const THREADS = "/proc/self/task";

/** Lets the calling thread, which scores, stand back for all others of the process. */
export function giveWay(): void {
  if (process.platform === "linux") lower(CALLING_THREAD, getPriority(CALLING_THREAD) + SCORING);
}

/**
 * Lets the threads that work for the main thread, which calls it, stand back for it: all that have its niceness still. They all exist
 * by the time that files have been read and stores opened; what they start themselves is as they are.
 */
export function helpersGiveWay(): void {
  if (process.platform !== "linux" || !existsSync(THREADS)) return;
  const own = getPriority(CALLING_THREAD);
  for (const thread of readdirSync(THREADS).map(Number)) {
    if (thread !== process.pid && niceness(thread) === own) lower(thread, own + WORKING_FOR_ALL);
  }
}

function lower(thread: number, to: number): void {
  try {
    setPriority(thread, Math.min(NICENESS_MAX, to));
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

/** null = it has just ended. */
function niceness(thread: number): number | null {
  try {
    return getPriority(thread);
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}

/** By the system, since the thread is gone or nobody may do that here: all is right without it, and only slower. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SYSTEM_ERROR";
}
