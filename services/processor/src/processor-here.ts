import { join } from "node:path";
import { openContracts, openRegistry } from "@tidemark/contracts";
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
  const { topicPrefix: prefix, mode, clockScale } = setup;
  const stop = new AbortController();
  const registry = await openRegistry(setup.registry, stop.signal);
  const contracts = await openContracts({ registry, prefix });
  const application = createScoringApplication({
    contracts,
    model: createModel(setup.artefact),
    consentDefault: setup.consentDefault,
    clockMode: mode,
    ...(clockScale === null ? {} : { scaledClock: clockScale }),
  });
  // Where it is yet to be said what is owned, what lies here is a reason for one partition or another.
  const isOpen = surroundings.ownership?.current.generation === 0;
  const { clock } = surroundings;
  const processor = await startProcessor({
    ...surroundings,
    application,
    storesKept: isOpen ? await storesOnDisk(setup.stores, openOrWipeLevelStore, application.journal, clock) : [],
    topics: contracts.topics,
    tierChanges: contracts.codecs.tierChanges,
    churnAlerts: contracts.codecs.churnAlerts,
    openStore: (partition) => openOrWipeLevelStore(join(setup.stores, String(partition))),
    mode,
    partitions: setup.partitions,
    timeScale: clockScale?.factor ?? 1,
    bootId: setup.bootId,
    limits: setup.limits,
  });
  // A registry that does not answer must not keep a thread whose tasks have ended.
  const end = (): void => stop.abort();
  processor.ended.then(end, end);
  return processor;
}
