import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { openContracts, openRegistry, TOPIC_PREFIX_DEFAULT, topicSpecs } from "@tidemark/contracts";
import { startProcessorHere } from "@tidemark/processor";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { PARTITIONS, type Rig, setupIn } from "../rig.ts";
import { openWorkloadLog } from "./workload-log.ts";

export interface KafkaRigAddress {
  readonly broker: string;
  /** Of the stores and the schemas. */
  readonly directory: string;
}

/** The scoring processor on a broker, all partitions in the calling thread. */
export async function openKafkaRig({ broker, directory }: KafkaRigAddress): Promise<Rig> {
  const clock = systemClock();
  const log = await openWorkloadLog({ kind: "kafka", broker }, "bench-processor", clock);
  await log.createTopics(topicSpecs(TOPIC_PREFIX_DEFAULT, PARTITIONS));
  const registry = { kind: "file", path: join(directory, "schemas.json") } as const;
  const contracts = await openContracts({ registry: await openRegistry(registry), prefix: TOPIC_PREFIX_DEFAULT });
  return {
    log,
    contracts,
    clock,
    startProcessor: (limits = {}) =>
      startProcessorHere(setupIn(directory, registry, limits), {
        log,
        clock,
        token: randomUUID,
        metrics: createMetrics("thread"),
        logger: createLogger({ level: "warn", name: "bench" }),
      }),
    close: () => log.close(),
  };
}
