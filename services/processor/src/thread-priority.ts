import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { basename } from "node:path";

/**
 * Lets the calling thread give way to the others of its process and of the machine: where cores are scarce, a query is
 * answered before a backlog is worked off, and where they are not, nothing changes. Only Linux knows threads by a number
 * of their own; elsewhere the scheduler's fairness has to do.
 */
export function giveWay(): void {
  const thread = threadNumber();
  if (thread !== null) setPriority(thread, NICENESS);
}

/** Against a thread that does not give way, a quarter of a core. */
const NICENESS = 5;

function threadNumber(): number | null {
  try {
    return Number(basename(readlinkSync("/proc/thread-self")));
  } catch {
    return null;
  }
}
