import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import type { ClockScale } from "@tidemark/clock";
import type { Contracts, RegistryDescription } from "@tidemark/contracts";
import type { EventIntake } from "@tidemark/gateway/intake";
import type { ViewsEnd } from "@tidemark/gateway/views";
import type { KafkaSettings, Settings } from "@tidemark/installation";
import type { Model } from "@tidemark/scoring";
import type { Clock, EventLog } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import type { Demo, Installation } from "./data-directory.ts";
import type { LogThread } from "./log-thread/log-thread.ts";
import type { ViewsSetup } from "./log-thread/messages.ts";

/** A data directory that this process has to itself, with the log that belongs to it, there or on Kafka. */
export interface OpenData {
  readonly directory: string;
  readonly installation: Installation;
  /** What the log stamps its records with: the machine's clock, or the scaled one of a demo. */
  readonly clock: Clock;
  /** Of a demo's clock, else null. */
  readonly clockScale: ClockScale | null;
  readonly log: EventLog;
  /** How other threads come to the log. */
  readonly source: LogSource;
  readonly registry: RegistryDescription;
  readonly contracts: Contracts;
  /** The one that is kept in the topic `models`, else the default parameters. */
  readonly model: Model;
  /** Under which erased customers are kept; null = there is none, and nobody can be erased. */
  readonly erasureSecret: string | null;
  /** Takes events in in another thread; null: who has them does. */
  readonly intake: EventIntake | null;
  /** Has views follow in another thread; null: they do where they are read. */
  readonly followViews: ((views: ViewsSetup) => ViewsEnd) | null;
  /** Rejects where the log is gone before `close`. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export type LogSource =
  | { readonly kind: "embedded"; share(): MessagePort }
  | { readonly kind: "kafka"; readonly kafka: KafkaSettings };

export interface OpenDataOptions {
  readonly directory: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names this process to brokers. */
  readonly clientId: string;
  /** A random token, different at each call. */
  token(): string;
  /** Where the log of a directory with one of its own is opened; left out: here. */
  readonly logThread?: LogThread | null;
  /** What becomes of a directory that there is none of yet: it is made, with or without a demo, or refused. */
  readonly ifMissing: { readonly make: true; readonly demo: Demo | null } | { readonly make: false };
}

/** Of a log in this thread, which ends with it, or on Kafka, where it is waited for. */
export const NEVER_ENDS = new Promise<never>(() => undefined);

/** Where an import of this process may sort. */
export function importDirectoryPrefix(directory: string): string {
  return join(directory, `import-${process.pid}-`);
}

/** Removes what imports that were killed have left. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = /^import-(\d+)-/u.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(directory, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
