import { type Clock, DirectoryLocked, type StateStore } from "@tidemark/streams";

/** Longer than a session of the group and a clean stop together: by then whoever lost the partition has let go of its store. */
const WAIT_MS_MAX = 30_000;
const BACKOFF_MS_MIN = 10;
const BACKOFF_MS_MAX = 250;

/**
 * Opens the store of a partition that has just changed hands on this machine, from thread to thread or from process to process:
 * while the other still closes it, it is waited for.
 * @returns null if the signal aborts before it is free
 * @throws DirectoryLocked if it is not free within {@link WAIT_MS_MAX}; what opening it throws
 */
export async function openWhenFree(
  open: () => Promise<StateStore>,
  clock: Clock,
  signal: AbortSignal,
): Promise<StateStore | null> {
  const deadline = clock.monotonic() + WAIT_MS_MAX;
  for (let backoffMs = BACKOFF_MS_MIN; !signal.aborted; backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX)) {
    try {
      return await open();
    } catch (error) {
      if (!isLocked(error) || clock.monotonic() >= deadline) throw error;
    }
    await clock.sleep(backoffMs, signal);
  }
  return null;
}

/** Whether an error says that another has the store. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === new DirectoryLocked().code;
}
