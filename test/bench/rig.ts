import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { setImmediate as nextTurn, setTimeout as after } from "node:timers/promises";
import { join } from "node:path";
import { type Contracts, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import { createScoringApplication, type Processor, startProcessor } from "@tidemark/processor";
import { createModel, defaultArtefact } from "@tidemark/scoring";
import { openLevelStore } from "@tidemark/store-level";
import type { Clock, TaskLimits } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";

/** The pipeline of one process on a directory, as the all-in-one start puts it together but for the gateway. */
export interface Rig {
  readonly log: EmbeddedLog;
  readonly contracts: Contracts;
  readonly clock: Clock;
  startProcessor(limits?: Partial<TaskLimits>): Promise<Processor>;
  close(): Promise<void>;
}

export const PARTITIONS = 4;
const PREFIX = "bench.";

export async function openRig(directory: string): Promise<Rig> {
  await mkdir(directory, { recursive: true });
  const clock = systemClock();
  const log = await openEmbeddedLog({ directory: join(directory, "log"), clock });
  await log.createTopics(topicSpecs(PREFIX, PARTITIONS));
  const contracts = await openContracts({ registry: await openFileRegistry(join(directory, "registry.json")), prefix: PREFIX });
  return {
    log,
    contracts,
    clock,
    startProcessor: (limits = {}) =>
      startProcessor({
        application: createScoringApplication({
          contracts,
          model: createModel(defaultArtefact()),
          consentDefault: "granted",
          clockMode: "wall",
        }),
        log,
        topics: contracts.topics,
        tierChanges: contracts.codecs.tierChanges,
        openStore: (partition) => openLevelStore({ directory: join(directory, `store-${partition}`) }),
        clock,
        mode: "wall",
        partitions: PARTITIONS,
        timeScale: 1,
        bootId: "bench",
        limits,
        token: randomUUID,
        metrics: createMetrics("thread"),
        logger: createLogger({ level: "warn", name: "bench" }),
      }),
    close: () => log.close(),
  };
}

/** Resolves when every record has been applied. */
export async function caughtUp(processor: Processor): Promise<void> {
  let failure: unknown = null;
  processor.ended.catch((cause: unknown) => {
    failure = cause;
  });
  while (!processor.ready || processor.lagRecords > 0) {
    await after(5);
    if (failure !== null) throw failure;
  }
}

function systemClock(): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: async (ms, signal) => {
      try {
        await after(ms, undefined, { signal });
      } catch {
        // Aborted: that is what the signal is for.
      }
    },
    yield: async () => {
      await nextTurn();
    },
  };
}
