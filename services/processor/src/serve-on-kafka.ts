import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type KafkaSettings,
  modelOf,
  type OnKafka,
  openOnKafka,
  placeOf,
  processorGroup,
  publishStartUp,
  requireKafka,
  type Settings,
  whenAborted,
} from "@tidemark/installation";
import { lockDirectory } from "@tidemark/store-level";
import type { Clock } from "@tidemark/streams";
import { createHealth, createMetrics, type Logger, startOperationsServer } from "@tidemark/telemetry";
import { startProcessorThreads } from "./processor-threads.ts";
import type { ProcessorSetup } from "./thread-messages.ts";

export interface ServeOnKafkaOptions {
  readonly settings: Settings;
  /** Of the stores, which are copies and no more. Made if there is none. */
  readonly directory: string;
  /** Threads, each a member of the group; at least one. */
  readonly workers: number;
  readonly clock: Clock;
  readonly bootId: string;
  readonly logger: Logger;
  /** Ends it cleanly. */
  readonly signal: AbortSignal;
  readonly onListening: (url: string) => void;
}

const CLIENT_ID = "tidemark-processor";
const HEALTH_TIMEOUT_MS = 1_000;

/**
 * The stream processor on Kafka, without a gateway beside it, until the signal aborts: as many processes of it as are wanted
 * share the partitions. It answers probes and scrapers.
 * @throws SettingsInvalid, DirectoryLocked, LogUnavailable, TopicMismatch, ModelUnusable, the registry's errors, and what ended a
 *   task that must not go on
 */
export async function serveOnKafka(options: ServeOnKafkaOptions): Promise<void> {
  const { settings, directory, workers, clock, logger, signal } = options;
  const kafka = await requireKafka(settings, "processor");
  await using open = new AsyncDisposableStack();
  // Stores are taken one by one as their partitions come: this keeps a second process out from the first.
  open.use(await lockDirectory(directory));
  const onKafka = await openOnKafka({ settings, kafka, clientId: CLIENT_ID, clock, logger });
  open.defer(async () => onKafka.close());
  const { log, contracts, topicPrefix } = onKafka;
  const metrics = createMetrics("process");
  const groupId = processorGroup(topicPrefix);
  const processor = await startProcessorThreads({
    setup: await setupOf(options, kafka, onKafka),
    threads: workers,
    log: { kind: "kafka", connection: kafka.connection, clientId: CLIENT_ID, groupId },
    metrics,
    logger,
  });
  open.defer(async () => processor.stop());
  const health = createHealth(
    {
      log: async () => (await log.offsets(contracts.topics.models, 0)).end >= 0,
      store: () => processor.ready,
      // Every schema of this code was read when it started; one of others that is missing keeps one partition waiting.
      registry: () => true,
    },
    { timeoutMs: HEALTH_TIMEOUT_MS },
  );
  metrics.watchHealth(health);
  const server = await startOperationsServer({
    host: settings.TIDEMARK_HOST,
    port: settings.TIDEMARK_PORT,
    apiKeys: settings.TIDEMARK_API_KEYS ?? [],
    health,
    metricsText: () => metrics.text(),
  });
  open.defer(async () => server.close());
  options.onListening(`http://${settings.TIDEMARK_HOST}:${server.port}`);
  await Promise.race([whenAborted(signal), processor.ended]);
}

async function setupOf(
  { settings, directory, clock, bootId }: ServeOnKafkaOptions,
  { registry }: KafkaSettings,
  { log, contracts, topicPrefix, partitions, artefact: kept }: OnKafka,
): Promise<ProcessorSetup> {
  const place = placeOf(settings);
  const { artefact } = modelOf(place, settings, kept);
  await publishStartUp({ log, contracts, place }, artefact, clock);
  // Copies of one cluster's topics: offsets of another mean something else.
  const stores = join(directory, "stores", `${topicPrefix}${log.clusterId}`);
  await mkdir(stores, { recursive: true });
  return {
    topicPrefix,
    partitions,
    registry,
    stores,
    artefact,
    consentDefault: settings.TIDEMARK_CONSENT_DEFAULT ?? "granted",
    erasureSecret: settings.TIDEMARK_ERASURE_KEY ?? null,
    mode: settings.TIDEMARK_CLOCK ?? "wall",
    clockScale: null,
    limits: settings.TIDEMARK_TURN_MS === undefined ? {} : { turnIntervalMs: settings.TIDEMARK_TURN_MS },
    bootId,
    logLevel: settings.TIDEMARK_LOG_LEVEL,
  };
}
