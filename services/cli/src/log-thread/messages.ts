import type { MessagePort } from "node:worker_threads";
import type { ClockScale } from "@tidemark/clock";
import type { RegistryDescription } from "@tidemark/contracts";
import type { ServeViewsOptions } from "@tidemark/gateway/views";
import type { CarriedError, ClockMode } from "@tidemark/streams";
import type { WayIn } from "@tidemark/thread-channel";

export type ToLogThread =
  /** The first: answered with `opened` or `failed`. */
  | { readonly kind: "open"; readonly log: LogPlace }
  /** Whoever has the other end of the port is a client of the log. */
  | { readonly kind: "serve"; readonly port: MessagePort }
  /** Whoever has the near end has its events taken in. */
  | { readonly kind: "takeEvents"; readonly wayIn: WayIn; readonly intake: IntakeSetup }
  /** Views follow in the thread; whoever has the near end reads them. */
  | { readonly kind: "followViews"; readonly wayIn: WayIn; readonly views: ViewsSetup }
  /** The last: what is being written is written, the log is closed, and the thread ends. */
  | { readonly kind: "close" };

export interface LogPlace {
  /** Of the log's own. */
  readonly directory: string;
  /** Of a demo's clock; null = the machine's own. */
  readonly clockScale: ClockScale | null;
}

/** What is in the log. */
export interface LogContents {
  /** Every schema of this code is in it already, so that two threads never write to the registry's file. */
  readonly registry: RegistryDescription;
  readonly topicPrefix: string;
  /** Of every keyed topic. */
  readonly partitions: number;
}

export interface IntakeSetup extends LogContents {
  readonly clockMode: ClockMode;
}

export type ViewsSetup = LogContents & Omit<ServeViewsOptions, "log" | "contracts" | "clock">;

export type FromLogThread =
  | { readonly kind: "opened" }
  /** The log could not be opened: the last message. */
  | { readonly kind: "failed"; readonly error: CarriedError }
  /** Something failed in the background, or made the log unavailable for a while. */
  | { readonly kind: "problem"; readonly error: CarriedError };
