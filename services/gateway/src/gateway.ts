import type { AddressInfo } from "node:net";
import type { Contracts } from "@tidemark/contracts";
import type { ModelShelf } from "@tidemark/scoring";
import type { BaseSums } from "@tidemark/scoring/base";
import type { Scorecard } from "@tidemark/scoring/scorecards";
import { type Clock, type EventLog, LogUnavailable, type StateReader } from "@tidemark/streams";
import type { Health, Logger } from "@tidemark/telemetry";
import { createAccess } from "./access.ts";
import { addBaseRoute } from "./base-route.ts";
import { watchCalls } from "./calls-underway.ts";
import { type GatewayConfig, parseGatewayConfig } from "./config.ts";
import { addCustomersRoute } from "./customers-route.ts";
import { addExplanationRoute } from "./explanation-route.ts";
import { addErasureRoutes } from "./erasure-routes.ts";
import { addEventsRoute } from "./events-route.ts";
import { createHttpServer } from "./http-server.ts";
import { addImportsRoutes } from "./imports-route.ts";
import { createEventIntake, type EventIntake } from "./intake/index.ts";
import { createImportTarget } from "./import-target.ts";
import { LiveStreams, STREAM_LIMITS, type StreamLimits } from "./live-streams.ts";
import { createLogTotals } from "./log-totals.ts";
import { addOpenapi } from "./openapi.ts";
import { addOperationsRoutes } from "./operations-routes.ts";
import { addPageRoutes } from "./page-routes.ts";
import { streamSources } from "./stream-sources.ts";
import { addStreamsRoutes } from "./streams-route.ts";
import { addSummaryRoute } from "./summary-route.ts";
import type { BaseCounts } from "./tier-counts.ts";

export interface GatewayOptions {
  readonly log: EventLog;
  /** Left out: events are taken in here. */
  readonly intake?: EventIntake;
  readonly contracts: Contracts;
  /** The customers' profiles. */
  readonly states: StateReader;
  /** Counts over all of them. */
  readonly counts: () => BaseCounts;
  /** Figures over all of them, summed when asked for. */
  readonly figures: () => BaseSums;
  /** What scores are computed with. */
  readonly models: ModelShelf;
  /** The installation's own beside the presets and those of the model; default none. */
  readonly scorecards?: readonly Scorecard[];
  readonly clock: Clock;
  /** Partitions of every topic keyed by customer. */
  readonly partitions: number;
  readonly config: Partial<GatewayConfig>;
  /** Whether there is a secret to keep erased customers under; default not: then nobody can be erased here. */
  readonly canErase?: boolean;
  readonly telemetry: {
    readonly logger: Logger;
    readonly health: Health;
    /** The text of `/metrics`, of all threads. */
    readonly metricsText: () => Promise<string>;
  };
  readonly streamLimits?: Partial<StreamLimits>;
}

export interface Gateway {
  /** Binds the address and answers from then on. @throws the operating system's error, for instance EADDRINUSE */
  listen(): Promise<void>;
  /** Ends the live streams, lets calls finish and lets the address go; idempotent. */
  close(): Promise<void>;
  /** `http://host:port` once listening. */
  readonly address: string | null;
}

/**
 * The HTTP interface: events in, queries and live streams out, and the pages.
 * @throws ConfigInvalid if the configuration is wrong, above all an address others reach without keys
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const config = parseGatewayConfig(options.config);
  const { log, contracts, states, counts, figures, clock, partitions, telemetry } = options;
  const { logger } = telemetry;
  const server = createHttpServer({ access: createAccess(config.apiKeys), logger });
  const calls = watchCalls(server);
  const streams = new LiveStreams({
    log,
    clock,
    partitions,
    sources: streamSources(contracts, (topic, error) => logger.error("a record cannot be read", { topic, error })),
    limits: { ...STREAM_LIMITS, ...options.streamLimits },
    onFailure(error) {
      if (error instanceof LogUnavailable) logger.warn("the log cannot be read, trying again", { error });
      else logger.error("a live stream failed, trying again", { error });
    },
  });

  await addOpenapi(server, { needsKey: config.apiKeys.length > 0 });
  addEventsRoute(
    server,
    options.intake ?? createEventIntake({ log, contracts, clock, partitions, clockMode: config.clock }),
  );
  addCustomersRoute(server, { contracts, states, models: options.models, clock, clockMode: config.clock });
  const { models, scorecards = [] } = options;
  addExplanationRoute(server, { contracts, states, models, scorecards, clock, clockMode: config.clock });
  addErasureRoutes(server, { log, contracts, states, partitions, canErase: options.canErase ?? false });
  addSummaryRoute(server, {
    states,
    counts,
    totals: createLogTotals({ log, topics: contracts.topics, clock, partitions }),
    clock,
  });
  // Currency and time zone never change; the horizon of lapsing is the one that the views were opened with.
  addBaseRoute(server, { states, figures, model: models.current, clock });
  await addStreamsRoutes(server, { streams, partitions });
  const target = createImportTarget({ log, contracts, clock, partitions });
  addImportsRoutes(server, { target, clock, clockMode: config.clock, model: models.current });
  addOperationsRoutes(server, { health: telemetry.health, metricsText: telemetry.metricsText });
  await addPageRoutes(server);
  server.addHook("preClose", () => streams.close());
  await server.ready();

  return {
    async listen() {
      await server.listen({ host: config.host, port: config.port });
    },
    async close() {
      const closed = server.close();
      const enough = new AbortController();
      await Promise.race([calls.none(), clock.sleep(CLOSE_MS_MAX, enough.signal)]);
      enough.abort();
      // Browsers keep connections in reserve on which no call ever came: nobody waits for those.
      server.server.closeAllConnections();
      await closed;
    },
    get address() {
      const bound = server.server.address();
      return bound === null || typeof bound === "string" ? null : addressText(bound);
    },
  };
}

/** How long calls under way may take to finish once the gateway closes. */
const CLOSE_MS_MAX = 3000;

function addressText({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
