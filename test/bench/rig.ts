import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setTimeout as after } from "node:timers/promises";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { type Contracts, openContracts, openRegistry, TOPIC_PREFIX_DEFAULT, topicSpecs } from "@tidemark/contracts";
import { openEmbeddedLog, shareLog } from "@tidemark/log-embedded";
import { type Processor, type ProcessorSetup, startProcessorHere, startProcessorThreads } from "@tidemark/processor";
import { defaultArtefact } from "@tidemark/scoring";
import type { Clock, EventLog, TaskLimits } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { CURRENCY } from "./workload.ts";

/**
 * The log and the processor of one process on a directory, as the all-in-one start puts them together but for views
 * and gateway. Files lie where the command line keeps them, so that a rig can fill a directory that `start` has made.
 */
export interface Rig {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly clock: Clock;
  startProcessor(limits?: Partial<TaskLimits>): Promise<Processor>;
  close(): Promise<void>;
}

/** As many as the command line gives a new directory. */
export const PARTITIONS = 4;

export async function openRig(directory: string): Promise<Rig> {
  await mkdir(directory, { recursive: true });
  const clock = systemClock();
  const log = await openEmbeddedLog({ directory: join(directory, "log"), clock });
  await log.createTopics(topicSpecs(TOPIC_PREFIX_DEFAULT, PARTITIONS));
  const registry = { kind: "file", path: join(directory, "schemas.json") } as const;
  const contracts = await openContracts({ registry: await openRegistry(registry), prefix: TOPIC_PREFIX_DEFAULT });
  return {
    log,
    contracts,
    clock,
    startProcessor(limits = {}) {
      const setup = setupIn(directory, registry, limits);
      const metrics = createMetrics("thread");
      const logger = createLogger({ level: "warn", name: "bench" });
      const threads = workersWanted();
      return threads === 0
        ? startProcessorHere(setup, { log, clock, token: randomUUID, metrics, logger })
        : startProcessorThreads({
            setup,
            threads,
            log: { kind: "shared", share: () => shareLog(log) },
            metrics,
            logger,
          });
    },
    close: () => log.close(),
  };
}

/** What a processor is told that keeps its stores in a directory. */
export function setupIn(
  directory: string,
  registry: ProcessorSetup["registry"],
  limits: Partial<TaskLimits>,
): ProcessorSetup {
  return {
    topicPrefix: TOPIC_PREFIX_DEFAULT,
    partitions: PARTITIONS,
    registry,
    stores: join(directory, "stores"),
    artefact: defaultArtefact({ currency: CURRENCY }),
    consentDefault: "granted",
    mode: "wall",
    clockScale: null,
    limits,
    bootId: "bench",
    logLevel: "warn",
  };
}

/** The setting of `tidemark start` holds for the rig too. */
function workersWanted(): number {
  return Number(process.env["TIDEMARK_WORKERS"] ?? availableParallelism());
}

/** Resolves when every record has been applied. */
export async function caughtUp(processor: Processor): Promise<void> {
  while (!processor.ready || processor.lagRecords > 0) await Promise.race([after(5), processor.ended]);
}

/** Records that did not become part of a profile are cheap, and would make every figure look better than it is. */
export function checkAllApplied(processor: Processor): void {
  for (const { partition, counts } of processor.tasks) {
    const { duplicate, suppressed, deadLetter } = counts;
    if (duplicate + suppressed + deadLetter === 0) continue;
    throw new Error(`partition ${partition}: ${JSON.stringify({ duplicate, suppressed, deadLetter })} of the workload`);
  }
}
