import { join } from "node:path";
import { createErasureNames, openContracts, openRegistry } from "@tidemark/contracts";
import { followModels } from "@tidemark/installation";
import { createModel } from "@tidemark/scoring";
import { openOrWipeLevelStore } from "@tidemark/store-level";
import { type Processor, type ProcessorOptions, startProcessor } from "./processor.ts";
import { createScoringApplication } from "./scoring-application.ts";
import { storesOnDisk } from "./stores-on-disk.ts";
import type { ProcessorSetup } from "./thread-messages.ts";

/** What a processor is given beside its setup by the thread it runs in. */
export type Surroundings = Pick<
  ProcessorOptions<never, never>,
  "log" | "clock" | "token" | "metrics" | "logger" | "ownership" | "onProgress"
>;

/** Runs the tasks of a setup in the calling thread. @throws what opening schemas or stores throws */
export async function startProcessorHere(setup: ProcessorSetup, surroundings: Surroundings): Promise<Processor> {
  const { topicPrefix: prefix, mode, clockScale, erasureSecret = null } = setup;
  const stop = new AbortController();
  const registry = await openRegistry(setup.registry, stop.signal);
  const contracts = await openContracts({ registry, prefix });
  const { clock, log, logger, metrics } = surroundings;
  const { currency, timeZone } = setup.artefact;
  const model = createModel(setup.artefact);
  const models = followModels({
    log,
    contracts,
    place: { currency, timeZone },
    startUp: model,
    clock,
    logger,
    onRefused: () => metrics.modelRefused(),
  });
  // A registry that does not answer, or a topic that is read, must not keep a thread whose tasks have ended.
  const end = (): void => {
    stop.abort();
    void models.stop();
  };
  try {
    const application = createScoringApplication({
      contracts,
      model,
      models: models.shelf,
      consentDefault: setup.consentDefault,
      clockMode: mode,
      erasureNames: erasureSecret === null ? null : createErasureNames(erasureSecret),
      ...(clockScale === null ? {} : { scaledClock: clockScale }),
    });
    const onDamage = (error: Error): void =>
      logger.warn("a local store cannot be used and is made anew from the log", { error });
    const openStoreIn = (directory: string) => openOrWipeLevelStore({ directory, stores: setup.partitions }, onDamage);
    // Where it is yet to be said what is owned, what lies here is a reason for one partition or another.
    const isOpen = surroundings.ownership?.current.generation === 0;
    const processor = await startProcessor({
      ...surroundings,
      application,
      storesKept: isOpen ? await storesOnDisk(setup.stores, openStoreIn, application.journal, clock) : [],
      topics: contracts.topics,
      tierChanges: contracts.codecs.tierChanges,
      churnAlerts: contracts.codecs.churnAlerts,
      openStore: (partition) => openStoreIn(join(setup.stores, String(partition))),
      mode,
      partitions: setup.partitions,
      timeScale: clockScale?.factor ?? 1,
      bootId: setup.bootId,
      limits: setup.limits,
    });
    processor.ended.then(end, end);
    return processor;
  } catch (error) {
    end();
    throw error;
  }
}
