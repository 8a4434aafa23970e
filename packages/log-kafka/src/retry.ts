import { LogUnavailable, type Clock } from "@tidemark/streams";
import { isPassing } from "./broker-errors.ts";

/** How long, and how densely, something is tried. */
export interface Patience {
  readonly clock: Clock;
  /** Monotonic ms: no try begins later. */
  readonly deadline: number;
  readonly stepMsMin: number;
  readonly stepMsMax: number;
  /** Ends the waiting, and with it the tries. */
  readonly signal: AbortSignal;
}

/**
 * Tries until it succeeds; what does not pass by itself is thrown at once, what does is tried again in growing steps.
 * @throws LogUnavailable when the time is over or the log is closed, with the last failure as its cause
 */
export async function retry<T>(patience: Patience, attempt: () => Promise<T>): Promise<T> {
  const { clock, deadline, stepMsMin, stepMsMax, signal } = patience;
  for (let stepMs = stepMsMin; ; stepMs = Math.min(stepMsMax, stepMs * STEP_GROWTH)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (signal.aborted) throw new LogUnavailable("the log is closed", { cause: error });
      if (clock.monotonic() + stepMs >= deadline) {
        const message = error instanceof Error ? error.message : "no answer";
        throw new LogUnavailable(`given up: ${message}`, { cause: error });
      }
      await clock.sleep(stepMs, signal);
    }
  }
}

const STEP_GROWTH = 1.5;
