import type { ClockScale } from "@tidemark/clock";
import type { RegistryDescription } from "@tidemark/contracts";
import type { Artefact, ConsentDefault } from "@tidemark/scoring";
import type { CarriedError, ClockMode, TaskLimits } from "@tidemark/streams";
import type { LogLevel, MetricsSnapshot } from "@tidemark/telemetry";
import type { WayIn } from "@tidemark/thread-channel";
import type { LogDescription } from "./log-description.ts";
import type { ProcessorStatus } from "./processor-status.ts";

/** What a processor thread is started with: plain data, a way into the log, and one to who started it. */
export interface ThreadData extends ThreadWork {
  /** Its own: the first releases of Node 24 do not tell it. */
  readonly name: string;
  readonly wayIn: WayIn;
}

export interface ThreadWork extends ProcessorSetup {
  /** A thread gets its log by nothing else. */
  readonly log: LogDescription;
  /** Whether it stands back for a thread that answers queries. */
  readonly standsBack: boolean;
}

/** What all threads of a processor have in common. */
export interface ProcessorSetup {
  readonly topicPrefix: string;
  /** Of every keyed topic. */
  readonly partitions: number;
  /** Every schema of this code is in it already, so that no thread writes to the registry's file. */
  readonly registry: RegistryDescription;
  /** Directory of the local stores, one each partition. */
  readonly stores: string;
  readonly artefact: Artefact;
  readonly consentDefault: ConsentDefault;
  /** Under which erased customers are kept; null or left out = there is none. */
  readonly erasureSecret?: string | null;
  readonly mode: ClockMode;
  /** Of a demo's clock; null = the machine's own. */
  readonly clockScale: ClockScale | null;
  readonly limits: Partial<TaskLimits>;
  readonly bootId: string;
  readonly logLevel: LogLevel;
}

export type ToThread = { readonly kind: "stop" } | { readonly kind: "metrics" };

export type FromThread =
  /** The tasks run. */
  | { readonly kind: "started" }
  | { readonly kind: "status"; readonly status: ProcessorStatus }
  | { readonly kind: "metrics"; readonly metrics: MetricsSnapshot }
  /** The last message. Stores are closed: clean, but after an error. */
  | { readonly kind: "ended"; readonly error: CarriedError | null; readonly metrics: MetricsSnapshot };
