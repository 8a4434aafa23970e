import { helpersGiveWay } from "@tidemark/processor";
import { createMetrics } from "@tidemark/telemetry";
import type { CommandContext } from "./command-context.ts";
import { consoleOf } from "./console.ts";
import { startControlServer } from "./control-server.ts";
import { readInstallation } from "./data-directory.ts";
import { newDemo, runDemoShop } from "./demo-shop.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { shownBy } from "./shown-by.ts";
import { openData } from "./open-data.ts";
import type { OpenData } from "./opened-data.ts";
import { openGateway, requireBindable } from "./open-gateway.ts";
import type { LogThread } from "./log-thread/log-thread.ts";
import { openModels } from "./open-models.ts";
import { openViews } from "./open-views.ts";
import { type Pipeline, startPipeline } from "./pipeline.ts";
import { commandLogger, dataDirectoryOf } from "./running-server.ts";
import { removeServerAddress, writeServerAddress } from "./server-address.ts";
import { readScorecards, type Settings, whenAborted } from "@tidemark/installation";

export interface ServeOptions {
  readonly isDemo: boolean;
  /** Started already; null on Kafka. */
  readonly logThread: LogThread | null;
}

/**
 * Everything in one process, until the context's signal aborts: the log, the tasks of all partitions, the views, the HTTP
 * interface and, in a demo, the simulated shop. Then all of it ends cleanly.
 * @throws DirectoryLocked, CommandFailed, or whatever ended a task that must not go on
 */
export async function serve(
  settings: Settings,
  context: CommandContext,
  { isDemo, logThread }: ServeOptions,
): Promise<void> {
  const logger = commandLogger(settings, "tidemark");
  const metrics = createMetrics("process");
  if (logThread !== null) metrics.watchThread("log", () => logThread.utilization());
  const directory = dataDirectoryOf(settings, { isDemo });
  const onKafka = settings.KAFKA_BROKERS !== undefined;
  // Closed in reverse, whatever happens.
  await using open = new AsyncDisposableStack();

  // No directory is made for a server that cannot answer. One that is there is asked first: that it is in use says more than that the port is.
  if ((await readInstallation(directory)) === null) {
    await requireBindable(settings.TIDEMARK_HOST, settings.TIDEMARK_PORT);
  }
  const demo = isDemo ? newDemo(context.clock.now(), { realTime: onKafka }) : null;
  const ifMissing = { make: true, demo } as const;
  const token = (): string => context.token();
  const { clock } = context;
  const data = await openData({
    directory,
    settings,
    clock,
    logger,
    clientId: "tidemark",
    token,
    logThread,
    ifMissing,
  });
  open.defer(async () => data.close());
  if (isDemo && data.installation.demo === null) {
    throw new CommandFailed(
      exitCodes.configuration,
      `${directory} was not made by --demo, and simulated customers do not belong among real ones: leave --demo out, or name another directory`,
    );
  }
  // Side by side: the threads of the pipeline load their code for as long as all the rest takes to open.
  const viewing = openViews({ data, context, logger });
  const starting = startPipeline({ data, settings, context, logger, metrics, isServing: true });
  // The views are stopped last, so that they have what the pipeline did last.
  open.defer(async () => (await viewing.catch(() => null))?.stop());
  // Waited for below.
  starting.catch(() => undefined);
  let pipeline: Pipeline | null = null;
  open.defer(async () => (await starting.catch(() => null))?.stop());
  const views = await viewing;
  const scorecards = await readScorecards(settings.TIDEMARK_SCORECARDS ?? []);
  const models = await openModels({ data, logger });
  open.defer(() => models.stop());
  const gateway = await openGateway({
    models: models.shelf,
    scorecards,
    data,
    isReady: () => pipeline?.processor.ready ?? false,
    views,
    host: settings.TIDEMARK_HOST,
    port: settings.TIDEMARK_PORT,
    apiKeys: settings.TIDEMARK_API_KEYS ?? [],
    logger,
    metrics,
  });
  open.defer(async () => gateway.close());
  pipeline = await starting;
  // Not before: a start has all the helpers that it can get. Nor on Kafka: who stands back too far there is taken for dead by his group.
  if (!onKafka) helpersGiveWay();
  const controlToken = token();
  const control = await startControlServer({ ...pipeline.control, ...shownBy(views, data) }, controlToken, logger);
  open.defer(async () => control.close());
  await writeServerAddress(directory, { url: gateway.url, control: { url: control.url, token: controlToken } });
  open.defer(async () => removeServerAddress(directory));

  sayHello(context, gateway.url, data);
  if (isDemo) {
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    const shop = runDemoShop({ data, url: gateway.url, settings, context, signal, logger });
    shop.catch((error: unknown) => logger.error("the simulated shop has stopped", { error }));
    open.defer(async () => {
      stop.abort();
      await shop.catch(() => undefined);
    });
  }
  await Promise.race([whenAborted(context.signal), pipeline.processor.ended, views.ended, data.ended]);
}

function sayHello(context: CommandContext, url: string, { directory, installation }: OpenData): void {
  const page = url.replace("//127.0.0.1:", "//localhost:");
  const next =
    installation.demo === null
      ? "POST /v1/events takes events, /docs says how; Ctrl-C stops"
      : `a simulated shop, ${installation.demo.factor > 1 ? "six hours a second" : "in real time"}; your own customers: npm run -s tidemark -- import FILE; Ctrl-C stops`;
  consoleOf(context).line(`tidemark: ${page}  (data in ${directory}; ${next})`);
}
