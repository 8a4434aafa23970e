import type { Logger } from "@tidemark/telemetry";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import type { CommandContext } from "./command-context.ts";
import { CommandFailed, errorCodeOf, exitCodes } from "./failure.ts";
import { openData } from "./open-data.ts";
import type { OpenData, OpenDataOptions } from "./opened-data.ts";
import { openGateway } from "./open-gateway.ts";
import { openModels } from "./open-models.ts";
import { openViews } from "./open-views.ts";
import { startPipeline } from "./pipeline.ts";
import { readServerAddress, type ServerAddress } from "./server-address.ts";
import { serverClient, type ServerClient } from "./server-client.ts";
import { OPERATING_ERRORS, readScorecards, type Settings } from "@tidemark/installation";

/** A data directory as a command finds it: free and now open here, or in the hands of a running server. */
export type FoundData = { readonly open: OpenData } | { readonly server: ServerAddress };

/** @throws DirectoryLocked where whoever has it open is no server; what {@link openData} throws */
export async function findData(options: OpenDataOptions): Promise<FoundData> {
  try {
    return { open: await openData(options) };
  } catch (error) {
    if (errorCodeOf(error) !== "DIRECTORY_LOCKED") throw error;
    const server = await readServerAddress(options.directory);
    if (server !== null) return { server };
    throw new CommandFailed(
      exitCodes.directoryLocked,
      `${options.directory} is in use by another command of tidemark: let it end, or name another directory with --data-dir`,
      { cause: error },
    );
  }
}

/** Where the data are if nobody says: apart, with Kafka and without, with a simulated shop and without. */
export function dataDirectoryOf(settings: Settings, { isDemo = false }: { readonly isDemo?: boolean } = {}): string {
  const kind = isDemo ? "demo" : "data";
  return (
    settings.TIDEMARK_DATA_DIR ??
    (settings.KAFKA_BROKERS === undefined ? `.tidemark/${kind}` : `.tidemark/kafka-${kind}`)
  );
}

export function commandLogger(settings: Settings, name: string): Logger {
  return createLogger({ level: settings.TIDEMARK_LOG_LEVEL, name, vouched: [...OPERATING_ERRORS, CommandFailed] });
}

/** A client with whichever of the keys comes first: any one opens every call. */
export function clientFor(url: string, settings: Settings, context: CommandContext): ServerClient {
  const { clock, signal } = context;
  return serverClient({ url, apiKey: settings.TIDEMARK_API_KEYS?.[0] ?? null, clock, signal });
}

/**
 * Lets a command ask the HTTP interface: of the server named or running, else of one that lives for this question,
 * after everything in the log is applied.
 */
export async function withServer<Result>(
  options: { readonly url: string | undefined; readonly settings: Settings; readonly context: CommandContext },
  ask: (client: ServerClient) => Promise<Result>,
): Promise<Result> {
  const { url, settings, context } = options;
  if (url !== undefined) return ask(clientFor(url, settings, context));
  const logger = commandLogger(settings, "tidemark");
  const found = await findData({
    directory: dataDirectoryOf(settings),
    settings,
    clock: context.clock,
    logger,
    clientId: "tidemark-ask",
    token: () => context.token(),
    ifMissing: { make: false },
  });
  if ("server" in found) return ask(clientFor(found.server.url, settings, context));

  const data = found.open;
  const metrics = createMetrics("thread");
  await using open = new AsyncDisposableStack();
  open.defer(async () => data.close());
  // On Kafka the processors work whoever asks; the answer is as of what they have committed.
  if (data.source.kind === "embedded") {
    // What is left to apply is little: threads would take longer to start than it takes.
    const alone = { ...settings, TIDEMARK_WORKERS: settings.TIDEMARK_WORKERS ?? 0 };
    const pipeline = await startPipeline({ data, settings: alone, context, logger, metrics, isServing: false });
    open.defer(async () => pipeline.stop());
    await pipeline.caughtUp(context.signal, () => {});
  }
  const views = await openViews({ data, context, logger });
  open.defer(async () => views.stop());
  while (!views.states.ready) {
    await Promise.race([context.clock.sleep(POLL_MS, context.signal), views.ended]);
    context.signal.throwIfAborted();
  }
  const own = { host: "127.0.0.1", port: 0, apiKeys: [] };
  const scorecards = await readScorecards(settings.TIDEMARK_SCORECARDS ?? []);
  const models = await openModels({ data, logger });
  open.defer(() => models.stop());
  const gateway = await openGateway({
    data,
    isReady: () => true,
    views,
    models: models.shelf,
    scorecards,
    logger,
    metrics,
    ...own,
  });
  open.defer(async () => gateway.close());
  return await ask(serverClient({ url: gateway.url, apiKey: null, clock: context.clock, signal: context.signal }));
}

const POLL_MS = 10;
