import { join } from "node:path";
import { createErasureNames } from "@tidemark/contracts";
import {
  followModels,
  modelOf,
  openOnKafka,
  placeOf,
  readScorecards,
  requireKafka,
  type Settings,
  whenAborted,
} from "@tidemark/installation";
import { lockDirectory } from "@tidemark/store-level";
import type { Clock } from "@tidemark/streams";
import { createHealth, createMetrics, type Logger } from "@tidemark/telemetry";
import { createGateway } from "./gateway.ts";
import { startViews } from "./views/index.ts";

export interface ServeOnKafkaOptions {
  readonly settings: Settings;
  /** Of the views' stores, which are copies and no more. */
  readonly directory: string;
  readonly clock: Clock;
  readonly bootId: string;
  readonly logger: Logger;
  /** Ends it cleanly. */
  readonly signal: AbortSignal;
  readonly onListening: (url: string) => void;
}

/**
 * The HTTP interface on Kafka, without a processor beside it, until the signal aborts.
 * @throws SettingsInvalid, DirectoryLocked, LogUnavailable, TopicMismatch, ModelUnusable, ConfigInvalid, the registry's errors, and what
 *   ended a view that must not go on
 */
export async function serveOnKafka(options: ServeOnKafkaOptions): Promise<void> {
  const { settings, directory, clock, bootId, logger, signal } = options;
  const kafka = await requireKafka(settings, "gateway");
  await using open = new AsyncDisposableStack();
  open.use(await lockDirectory(directory));
  const onKafka = await openOnKafka({ settings, kafka, clientId: "tidemark-gateway", clock, logger });
  open.defer(async () => onKafka.close());
  const { log, contracts, partitions, artefact } = onKafka;
  const { TIDEMARK_ERASURE_KEY: secret } = settings;
  const place = placeOf(settings);
  const model = modelOf(place, settings, artefact);
  const views = await startViews({
    log,
    contracts,
    partitions,
    directory: join(directory, "views"),
    erasureNames: secret === undefined ? null : createErasureNames(secret),
    clock,
    timeScale: 1,
    bootId,
    lapseDays: model.artefact.churnHorizonDays,
    logger,
  });
  open.defer(async () => views.stop());
  const models = followModels({ log, contracts, place, startUp: model, clock, logger });
  open.defer(() => models.stop());
  await models.caughtUp;
  const metrics = createMetrics("process");
  const health = createHealth(
    {
      log: async () => (await log.offsets(contracts.topics.models, 0)).end >= 0,
      store: () => views.states.ready,
      // Every schema of this code was read when it started; one of others that is missing keeps a stream waiting, no query.
      registry: () => true,
    },
    { timeoutMs: HEALTH_TIMEOUT_MS },
  );
  metrics.watchHealth(health);
  const gateway = await createGateway({
    log,
    contracts,
    states: views.states,
    models: models.shelf,
    scorecards: await readScorecards(settings.TIDEMARK_SCORECARDS ?? []),
    counts: () => views.counts(),
    figures: () => views.figures(),
    clock,
    partitions,
    canErase: secret !== undefined,
    config: {
      host: settings.TIDEMARK_HOST,
      port: settings.TIDEMARK_PORT,
      apiKeys: settings.TIDEMARK_API_KEYS ?? [],
      clock: settings.TIDEMARK_CLOCK ?? "wall",
    },
    telemetry: {
      logger,
      health,
      metricsText: () => metrics.text(),
    },
  });
  open.defer(async () => gateway.close());
  await gateway.listen();
  options.onListening(gateway.address ?? "");
  await Promise.race([whenAborted(signal), views.ended]);
}

const HEALTH_TIMEOUT_MS = 1_000;
