import type { Application } from "./application.ts";
import type { Clock } from "./clock.ts";
import type { TaskLimits } from "./limits.ts";
import type { MergePlan } from "./merge.ts";

/**
 * Sees to it that the schemas of what a turn is about to take are known. One that is not holds the partition up until
 * the registry answers: what comes before the record is taken, and nothing overtakes it.
 */
export class SchemaGate {
  readonly #options: SchemaGateOptions;

  constructor(options: SchemaGateOptions) {
    this.#options = options;
  }

  /** @returns the plan, or its beginning; empty only where the plan is, or the signal aborted */
  async admit(plan: MergePlan, signal: AbortSignal): Promise<MergePlan> {
    const { application } = this.#options;
    // A TICK's schema is this system's own.
    const inputs = application.inputs.length;
    for (const [index, record] of plan.records.entries()) {
      const input = plan.inputs[index] as number;
      if (input >= inputs || record.value === null) continue;
      const schemaId = application.schemaMissing(input, record.value);
      if (schemaId === null) continue;
      if (index > 0 || !(await this.#load(schemaId, signal))) {
        return {
          records: plan.records.slice(0, index),
          inputs: plan.inputs.slice(0, index),
          lowerAfter: record.appendedAt,
        };
      }
    }
    return plan;
  }

  /** @returns whether it was loaded before the signal aborted */
  async #load(schemaId: number, signal: AbortSignal): Promise<boolean> {
    const { application, clock, limits } = this.#options;
    for (let waitMs = limits.backoffMsMin; !signal.aborted; waitMs = Math.min(waitMs * 2, limits.backoffMsMax)) {
      try {
        // A registry that takes its time to fail must not keep a task from stopping.
        return await settledOrAborted(application.loadSchema(schemaId), signal);
      } catch {
        this.#options.onRegistryUnavailable();
        await clock.sleep(waitMs, signal);
      }
    }
    return false;
  }
}

/** @returns whether the work was done before the signal aborted. @throws what the work rejects with before that */
function settledOrAborted(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(false);
    signal.addEventListener("abort", abort, { once: true });
    work.then(() => resolve(true), reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

export interface SchemaGateOptions {
  readonly application: Pick<Application<never, never>, "inputs" | "schemaMissing" | "loadSchema">;
  readonly clock: Clock;
  readonly limits: TaskLimits;
  onRegistryUnavailable(): void;
}
