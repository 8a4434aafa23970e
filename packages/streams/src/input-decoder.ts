import type { Application, Refusal } from "./application.ts";
import type { Clock } from "./clock.ts";
import { decodeInput, type DecodedRecord, type InputPartition, keyText } from "./input-record.ts";
import type { TaskLimits } from "./limits.ts";
import type { MergePlan } from "./merge.ts";
import { Slicer } from "./slicer.ts";
import type { StageTimes } from "./stages.ts";

/**
 * Decodes what a turn is about to take. A schema that is not known yet holds the partition up until the registry
 * answers: what comes before the record is taken, and nothing overtakes it.
 */
export class InputDecoder<State, Event> {
  readonly #options: InputDecoderOptions<State, Event>;

  constructor(options: InputDecoderOptions<State, Event>) {
    this.#options = options;
  }

  /** @returns the plan, or its beginning; empty only where the plan is, or the signal aborted */
  async decode({ records, lowerAfter }: MergePlan, signal: AbortSignal): Promise<DecodedPlan<Event>> {
    const { application, where, clock, limits, stages } = this.#options;
    const slicer = new Slicer(clock, limits.sliceMsMax);
    const decoded: DecodedRecord<Event>[] = [];
    let lower = lowerAfter;
    for (const { input, record } of records) {
      const key = keyText(record.key);
      let content = decodeInput(application, where, input, record, key);
      if (content.kind === "schema-missing") {
        if (decoded.length > 0 || !(await this.#loadSchema(content.schemaId, signal))) {
          lower = record.appendedAt;
          break;
        }
        content = decodeInput(application, where, input, record, key);
        if (content.kind === "schema-missing") content = SCHEMA_UNKNOWN;
      }
      decoded.push({ input, record, key, content });
      if (slicer.due()) await slicer.pause();
    }
    stages.decodeMs += slicer.workedMs();
    return { records: decoded, lowerAfter: lower };
  }

  /** @returns whether it was loaded before the signal aborted */
  async #loadSchema(schemaId: number, signal: AbortSignal): Promise<boolean> {
    const { application, clock, limits } = this.#options;
    for (let waitMs = limits.backoffMsMin; !signal.aborted; waitMs = Math.min(waitMs * 2, limits.backoffMsMax)) {
      try {
        await application.loadSchema(schemaId);
        return true;
      } catch {
        this.#options.onRegistryUnavailable();
        await clock.sleep(waitMs, signal);
      }
    }
    return false;
  }
}

export interface InputDecoderOptions<State, Event> {
  readonly application: Application<State, Event>;
  readonly where: InputPartition;
  readonly clock: Clock;
  readonly limits: TaskLimits;
  readonly stages: StageTimes;
  onRegistryUnavailable(): void;
}

/** What a turn takes. */
export interface DecodedPlan<Event> {
  readonly records: readonly DecodedRecord<Event>[];
  /** No record after these has an append time below this, ms. */
  readonly lowerAfter: number;
}

/** To ask again would be to ask for ever. */
const SCHEMA_UNKNOWN: Refusal = {
  kind: "refused",
  code: "SCHEMA_UNKNOWN",
  reason: "the schema of the record could not be made known",
};
