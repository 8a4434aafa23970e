import { once } from "node:events";
import { createServer } from "node:net";
import { createGateway, type Gateway } from "@tidemark/gateway";
import type { Views } from "@tidemark/gateway/views";
import type { ModelShelf } from "@tidemark/scoring";
import type { Scorecard } from "@tidemark/scoring/scorecards";
import { createHealth, type Logger, type Metrics } from "@tidemark/telemetry";
import { CommandFailed, errorCodeOf, exitCodes } from "./failure.ts";
import type { OpenData } from "./opened-data.ts";

export interface OpenGatewayOptions {
  readonly data: OpenData;
  /** Whether what has to be scored here is. */
  readonly isReady: () => boolean;
  readonly views: Views;
  readonly models: ModelShelf;
  readonly scorecards: readonly Scorecard[];
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly apiKeys: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface OpenGateway {
  /** For commands of this machine, `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Opens the HTTP interface over everything that runs here. @throws CommandFailed (configuration) if the address cannot be bound */
export async function openGateway(options: OpenGatewayOptions): Promise<OpenGateway> {
  const { data, isReady, views, models, host, port, apiKeys, logger, metrics } = options;
  const health = createHealth(
    {
      log: () => logAnswers(data),
      store: () => isReady() && views.states.ready,
      // Every schema of this code was read when it was opened; what is missing of others keeps one partition waiting.
      registry: () => true,
    },
    { timeoutMs: HEALTH_TIMEOUT_MS },
  );
  metrics.watchHealth(health);
  const gateway = await createGateway({
    log: data.log,
    ...(data.intake === null ? {} : { intake: data.intake }),
    contracts: data.contracts,
    states: views.states,
    models,
    scorecards: options.scorecards,
    counts: () => views.counts(),
    figures: () => views.figures(),
    clock: data.clock,
    partitions: data.installation.partitions,
    canErase: data.erasureSecret !== null,
    config: { host, port, apiKeys: [...apiKeys], clock: data.installation.clock },
    telemetry: {
      logger,
      health,
      metricsText: () => metrics.text(),
    },
  });
  try {
    await gateway.listen();
  } catch (error) {
    await gateway.close();
    throw notBound(host, port, error);
  }
  return { url: localUrl(gateway), close: () => gateway.close() };
}

/** Tries an address before anything is opened for it; another may still take it meanwhile. @throws CommandFailed (configuration) */
export async function requireBindable(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen({ host, port });
    await once(probe, "listening");
  } catch (error) {
    throw notBound(host, port, error);
  }
  probe.close();
  await once(probe, "close");
}

const HEALTH_TIMEOUT_MS = 1000;

async function logAnswers({ log, contracts }: OpenData): Promise<boolean> {
  await log.offsets(contracts.topics.models, 0);
  return true;
}

function notBound(host: string, port: number, cause: unknown): CommandFailed {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is in use: stop what uses it, or choose another with --port`,
    EACCES: `port ${port} may not be used by this user: choose one above 1023 with --port`,
    EADDRNOTAVAIL: `the address ${host} is none of this machine's: choose another with --host`,
    ENOTFOUND: `the address ${host} is not known: choose another with --host`,
  };
  const reason = reasons[errorCodeOf(cause) ?? ""];
  return new CommandFailed(exitCodes.configuration, reason ?? `${host}:${port} cannot be bound`, { cause });
}

/** A server that binds every address is reached from this machine at the loopback one. */
function localUrl({ address }: Gateway): string {
  return (address ?? "").replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
