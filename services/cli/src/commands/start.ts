import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { createMetrics, type Logger } from "@tidemark/telemetry";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { startControlServer } from "../control-server.ts";
import type { Demo } from "../data-directory.ts";
import { writeFileDurably } from "../durable-file.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { type OpenData, openData } from "../open-data.ts";
import { openGateway } from "../open-gateway.ts";
import { startPipeline } from "../pipeline.ts";
import { commandLogger, DATA_DIRECTORY, DEMO_DIRECTORY } from "../running-server.ts";
import { removeServerAddress, writeServerAddress } from "../server-address.ts";
import { serverClient } from "../server-client.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings, type Settings } from "../settings.ts";
import { feed } from "../shop/feed.ts";
import { createShop } from "../shop/shop.ts";
import { CALL_EVENTS_MAX, postEvents } from "../shop/shop-client.ts";
import { DAY_MS, HOUR_MS } from "../shop/shop-floor.ts";

/** `start`: everything in one process. */
export function addStartCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("start")
    .description("Everything in one process: the log, the scoring, the HTTP interface and the page.")
    .option("--demo", "with a simulated shop whose time runs fast; its data are kept apart")
    .addHelpText("after", helpText);
  addSettingOptions(command, "all");
  command.action(async (options: { demo?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    if (settings.KAFKA_BROKERS !== undefined) {
      throw new CommandFailed(
        exitCodes.configuration,
        "this release does not run on Kafka yet: unset KAFKA_BROKERS to use the embedded log",
      );
    }
    // \`npm start\` is what a person types first: it shows something.
    const isNpmStart = context.environment["npm_lifecycle_event"] === "start";
    await serve(settings, context, options.demo === true || isNpmStart);
  });
}

const helpText = `
Every setting is a flag here and an environment variable, named in brackets; the flag wins. Those marked as fixed belong
to the data directory: they are chosen when it is created, and another choice is refused later.

Stop it with Ctrl-C: it finishes what it is doing, and goes on from there the next time.`;

async function serve(settings: Settings, context: CommandContext, isDemo: boolean): Promise<void> {
  const logger = commandLogger(settings, "tidemark");
  const metrics = createMetrics("process");
  const directory = settings.TIDEMARK_DATA_DIR ?? (isDemo ? DEMO_DIRECTORY : DATA_DIRECTORY);
  // Closes what was opened, the last first, whatever happens.
  await using open = new AsyncDisposableStack();

  const demo = isDemo ? newDemo(context.clock.now()) : null;
  const ifMissing = { make: true, demo } as const;
  const data = await openData({ directory, settings, clock: context.clock, logger, ifMissing });
  open.defer(async () => data.close());
  if (isDemo && data.installation.demo === null) {
    throw new CommandFailed(
      exitCodes.configuration,
      `${directory} was not made by --demo, and simulated customers do not belong among real ones: leave --demo out, or name another directory`,
    );
  }
  const pipeline = await startPipeline({ data, settings, context, logger, metrics });
  open.defer(async () => pipeline.stop());
  const views = await pipeline.startViews();
  const gateway = await openGateway({
    data,
    pipeline,
    views,
    host: settings.TIDEMARK_HOST,
    port: settings.TIDEMARK_PORT,
    apiKeys: settings.TIDEMARK_API_KEYS ?? [],
    logger,
    metrics,
  });
  open.defer(async () => gateway.close());
  const token = context.token();
  const control = await startControlServer(pipeline.control, token);
  open.defer(async () => control.close());
  await writeServerAddress(directory, { url: gateway.url, control: { url: control.url, token } });
  open.defer(async () => removeServerAddress(directory));

  sayHello(context, gateway.url, data);
  if (isDemo) {
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    const shop = runShop(data, gateway.url, settings, context, signal, logger);
    shop.catch((error: unknown) => logger.error("the simulated shop has stopped", { error }));
    open.defer(async () => {
      stop.abort();
      await shop.catch(() => undefined);
    });
  }
  await Promise.race([aborted(context.signal), pipeline.processor.ended, views.ended]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function sayHello(context: CommandContext, url: string, { directory, installation }: OpenData): void {
  const page = url.replace("//127.0.0.1:", "//localhost:");
  const next =
    installation.demo === null
      ? "POST /v1/events takes events, /docs says how; Ctrl-C stops"
      : "a simulated shop, six hours a second; your own customers: tidemark import FILE; Ctrl-C stops";
  consoleOf(context).line(`tidemark: ${page}  (data in ${directory}; ${next})`);
}

const DEMO_SEED = 1;
const DEMO_CUSTOMERS = 2000;
const DEMO_HISTORY_MS = 365 * DAY_MS;
/** Six hours a second: a day in four seconds, a year in 24 minutes. */
const DEMO_FACTOR = (6 * HOUR_MS) / 1000;
const RETRY_MS = 2000;

/** A shop with a year behind it. */
function newDemo(now: number): Demo {
  return {
    seed: DEMO_SEED,
    customers: DEMO_CUSTOMERS,
    startAt: now - DEMO_HISTORY_MS,
    clockBase: now,
    factor: DEMO_FACTOR,
  };
}

/**
 * Sends the shop's events through the HTTP interface, as any sender would: the past as fast as it is taken, then each
 * event when it is due. The shop is the same each time, so how many were sent is all there is to keep; after a kill some
 * are sent twice, and count once.
 */
async function runShop(
  data: OpenData,
  url: string,
  settings: Settings,
  context: CommandContext,
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  const { demo, currency } = data.installation;
  if (demo === null) return;
  const path = join(data.directory, "shop.json");
  const deliveries = createShop({
    seed: demo.seed,
    customers: demo.customers,
    startAt: demo.startAt,
    currency,
    purchasesPerWeek: 0.25,
    duplicates: 0.001,
    late: 0.002,
  });
  const before = await readDelivered(path);
  for (let skipped = 0; skipped < before; skipped += 1) deliveries.next();
  const client = serverClient({ url, apiKey: settings.TIDEMARK_API_KEYS?.[0] ?? null, clock: context.clock, signal });
  let delivered = before;
  let savedAt = context.clock.monotonic();
  const save = async (): Promise<void> => writeFileDurably(path, `${delivered}\n`);
  await feed({
    deliveries,
    clock: data.clock,
    batchMax: CALL_EVENTS_MAX,
    signal,
    async send(events) {
      while (!signal.aborted) {
        try {
          await postEvents(client, events);
          return;
        } catch (error) {
          if (signal.aborted) return;
          logger.warn("the simulated shop cannot send its events, trying again", { error });
          await context.clock.sleep(RETRY_MS, signal);
        }
      }
    },
    async onSent(count) {
      if (signal.aborted) return;
      delivered = before + count;
      if (context.clock.monotonic() < savedAt + SAVE_MS) return;
      savedAt = context.clock.monotonic();
      await save();
    },
  });
  await save();
}

const SAVE_MS = 1000;

async function readDelivered(path: string): Promise<number> {
  try {
    const count = Number(await readFile(path, "utf8"));
    return Number.isSafeInteger(count) ? count : 0;
  } catch {
    return 0;
  }
}
