import { randomUUID } from "node:crypto";
import { type Contracts, createErasureNames, type ErasureNames } from "@tidemark/contracts";
import { startViews, type Views } from "@tidemark/gateway/views";
import { createScoringApplication, startProcessor } from "@tidemark/processor";
import { createModel, defaultArtefact, type Model } from "@tidemark/scoring";
import { openLevelStore } from "@tidemark/store-level";
import type { Clock, EventLog } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { MemoryLevel } from "memory-level";

/** The processor, on stores in memory, and the views of one process, as the command line composes them. */
export interface Pipeline extends AsyncDisposable {
  readonly views: Views;
}

const LAPSE_DAYS = 90;

export const erasureNames: ErasureNames = createErasureNames("a secret of this test and of no other");

export const model: Model = createModel(defaultArtefact({ currency: "EUR" }));

export async function startPipeline(options: {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly clock: Clock;
  readonly partitions: number;
  /** Of the views' stores. */
  readonly directory: string;
}): Promise<Pipeline> {
  const { log, contracts, clock, partitions } = options;
  const application = createScoringApplication({
    contracts,
    model,
    consentDefault: "granted",
    clockMode: "wall",
    erasureNames,
  });
  const bootId = randomUUID();
  const openStore = () => openLevelStore({ level: new MemoryLevel({ keyEncoding: "utf8", valueEncoding: "buffer" }) });
  const processor = await startProcessor({
    application,
    log,
    topics: contracts.topics,
    tierChanges: contracts.codecs.tierChanges,
    churnAlerts: contracts.codecs.churnAlerts,
    openStore,
    clock,
    mode: "wall",
    partitions,
    timeScale: 1,
    bootId,
    token: () => randomUUID(),
    metrics: createMetrics("thread"),
    logger: createLogger({ level: "warn", name: "processor" }),
  });
  const views = await startViews({
    log,
    contracts,
    partitions,
    directory: options.directory,
    erasureNames,
    clock,
    timeScale: 1,
    bootId,
    lapseDays: LAPSE_DAYS,
    logger: createLogger({ level: "warn", name: "views" }),
  });
  return {
    views,
    async [Symbol.asyncDispose]() {
      await processor.stop();
      await views.stop();
    },
  };
}
