import type { Clock } from "@tidemark/streams";

export interface OpenLoopOptions {
  readonly ratePerSecond: number;
  /** How many to send in all; infinite = until the signal aborts. */
  readonly count: number;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly signal: AbortSignal;
}

/**
 * Sends at a steady rate, whatever becomes of what was sent: one answer that is late does not thin out the calls after
 * it, and a call that was sent late is late by that much, since its latency counts from `intendedAt`.
 * @param send must not wait; `intendedAt` is on the clock's `monotonic`, ms
 * @returns how many were sent
 */
export async function openLoop(
  { ratePerSecond, count, clock, signal }: OpenLoopOptions,
  send: (index: number, intendedAt: number) => void,
): Promise<number> {
  const startedAt = clock.monotonic();
  const intervalMs = 1_000 / ratePerSecond;
  let index = 0;
  while (index < count && !signal.aborted) {
    const intendedAt = startedAt + index * intervalMs;
    const waitMs = intendedAt - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    else send(index++, intendedAt);
  }
  return index;
}
