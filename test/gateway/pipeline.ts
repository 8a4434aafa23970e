import { randomUUID } from "node:crypto";
import { type Contracts, createErasureNames } from "@tidemark/contracts";
import { type BaseCounts, createBaseFigures, selectForBase, sumCounts, sumFigures } from "@tidemark/gateway";
import { createScoringApplication, startProcessor } from "@tidemark/processor";
import { createModel, defaultArtefact, type Model } from "@tidemark/scoring";
import type { BaseSums } from "@tidemark/scoring/base";
import { openLevelStore } from "@tidemark/store-level";
import { type Clock, combineViews, type EventLog, type StateReader, TASK_LIMITS, View } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { MemoryLevel } from "memory-level";

/** The processor and the views of one process, as the command line composes them, on stores in memory. */
export interface Pipeline extends AsyncDisposable {
  readonly states: StateReader;
  readonly counts: () => BaseCounts;
  readonly figures: () => BaseSums;
}

const LAPSE_DAYS = 90;

export const model: Model = createModel(defaultArtefact({ currency: "EUR" }));

export async function startPipeline(options: {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly clock: Clock;
  readonly partitions: number;
}): Promise<Pipeline> {
  const { log, contracts, clock, partitions } = options;
  const erasureNames = createErasureNames("a secret of this test and of no other");
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
  const stop = new AbortController();
  const select = selectForBase(contracts);
  const aggregates = Array.from({ length: partitions }, () => createBaseFigures(select, LAPSE_DAYS));
  const stores = await Promise.all(aggregates.map(openStore));
  const views = aggregates.map(
    (aggregate, partition) =>
      new View({
        log,
        topic: contracts.topics.processorState,
        partition,
        store: stores[partition] ?? unopened(),
        clock,
        bootId,
        tickOf: (bytes) => contracts.codecs.journal.decode(bytes).tickMs,
        markerKey: (id) => erasureNames.markerKey(id),
        limits: TASK_LIMITS,
        aggregate,
      }),
  );
  const running = views.map((view) => view.run(stop.signal));
  return {
    states: combineViews(views),
    counts: () => sumCounts(aggregates),
    figures: () => sumFigures(aggregates),
    async [Symbol.asyncDispose]() {
      await processor.stop();
      stop.abort();
      await Promise.all(running);
      for (const store of stores) await store.close();
    },
  };
}

function unopened(): never {
  throw new Error("each partition has a store");
}
