import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ImportTarget } from "@tidemark/gateway";
import { createMetrics } from "@tidemark/telemetry";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { controlClient } from "../control-client.ts";
import { checkInstallation, type Installation, newInstallation, readInstallation } from "../data-directory.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { importDirectoryPrefix } from "../open-data.ts";
import { startPipeline } from "../pipeline.ts";
import { clientFor, commandLogger, DATA_DIRECTORY, findData } from "../running-server.ts";
import type { Settings } from "../settings.ts";
import { openContent } from "./content.ts";
import { importFile, type ImportSummary } from "./import-file.ts";
import { type Progress, progressOf } from "./progress.ts";
import { checkTimePattern } from "./purchase-rows.ts";
import { rejectsFile } from "./rejects.ts";
import { remoteTarget } from "./remote-target.ts";
import { timeZone } from "./time-zone.ts";

/** The options of `import` that are no settings. */
export interface ImportCommandOptions {
  readonly customerColumn?: string;
  readonly timeColumn?: string;
  readonly amountColumn?: string;
  readonly orderColumn?: string;
  readonly timeFormat?: string;
  /** Local day, days since 1970-01-01. */
  readonly until?: number;
  readonly source: string;
  readonly url?: string;
  readonly rejects?: string;
}

export interface ImportOutcome {
  readonly summary: ImportSummary;
  /** Where the rejected rows are listed, if there are any. */
  readonly rejectsPath: string;
}

/** Imports a file from the command line: finds out where to, and resolves when everything is stored and scored. */
export async function runImport(
  path: string,
  options: ImportCommandOptions,
  settings: Settings,
  context: CommandContext,
): Promise<ImportOutcome> {
  checkTimePattern(options.timeFormat);
  const content = await openContent(path, context.stdin);
  const rejectsPath = options.rejects ?? `${basename(content.name)}.rejects.csv`;
  const startedAt = context.clock.monotonic();
  const progress = progressOf(context);
  const summary = await withTarget(options, settings, context, progress, async (to) => {
    const { installation } = to;
    const zone = timeZone(installation.timeZone);
    checkUntil(options.until, zone.dayOf(context.clock.now()));
    const directory = await mkdtemp(to.sortIn);
    try {
      return await importFile(
        {
          columnNames: {
            customer: options.customerColumn ?? null,
            time: options.timeColumn ?? null,
            amount: options.amountColumn ?? null,
            order: options.orderColumn ?? null,
          },
          currency: installation.currency,
          timePattern: options.timeFormat ?? null,
          zone,
          untilDay: options.until ?? null,
          source: options.source,
          clockMode: installation.clock,
        },
        {
          content,
          target: to.target,
          rejects: rejectsFile(rejectsPath),
          progress,
          clock: context.clock,
          signal: context.signal,
          directory,
          onColumns: ({ customer, time, amount, order }) =>
            consoleOf(context).note(
              `reading customers from "${customer}", times from "${time}", amounts from "${amount}" in ${installation.currency}` +
                (order === null ? "" : `, orders from "${order}"`),
            ),
        },
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
  const seconds = Math.round(context.clock.monotonic() - startedAt) / 1000;
  return { summary: { ...summary, seconds }, rejectsPath };
}

/** Where an import goes, and by which rules rows are read there. */
interface Destination {
  readonly target: ImportTarget;
  readonly installation: Pick<Installation, "clock" | "currency" | "timeZone">;
  /** Prefix of the directory that rows may be sorted in. */
  readonly sortIn: string;
}

/** Opens the data directory, or goes through the server named or running; afterwards waits until all is scored. */
async function withTarget(
  options: ImportCommandOptions,
  settings: Settings,
  context: CommandContext,
  progress: Progress,
  use: (to: Destination) => Promise<ImportSummary>,
): Promise<ImportSummary> {
  const directory = settings.TIDEMARK_DATA_DIR ?? DATA_DIRECTORY;
  const console = consoleOf(context);
  if (options.url !== undefined) {
    const target = remoteTarget(clientFor(options.url, settings, context));
    const installation = newInstallation(settings, 0, null);
    return use({ target, installation, sortIn: join(tmpdir(), "tidemark-import-") });
  }

  const logger = commandLogger(settings, "import");
  const found = await findData({
    directory,
    settings,
    clock: context.clock,
    logger,
    ifMissing: { make: true, demo: null },
  });
  if ("server" in found) {
    const { url, control } = found.server;
    const installation = (await readInstallation(directory)) ?? newInstallation(settings, 0, null);
    checkInstallation(directory, installation, settings);
    console.note(`${directory} is in use: importing through the server at ${url}`);
    const target = remoteTarget(clientFor(url, settings, context));
    const summary = await use({ target, installation, sortIn: importDirectoryPrefix(directory) });
    progress.stage("scoring", null, "items");
    await controlClient(control, context).caughtUp((records) => progress.update(records));
    progress.stop();
    return summary;
  }

  const data = found.open;
  await using open = new AsyncDisposableStack();
  open.defer(async () => data.close());
  const { installation, model } = data;
  if (!model.artefact.fitted) {
    console.note(`scores use the default parameters (${model.ref.name} ${model.ref.version}), not fitted to your data`);
  }
  const pipeline = await startPipeline({ data, settings, context, logger, metrics: createMetrics("thread") });
  open.defer(async () => pipeline.stop());
  const summary = await use({ target: pipeline.target, installation, sortIn: importDirectoryPrefix(directory) });
  progress.stage("scoring", null, "items");
  await pipeline.caughtUp(context.signal, (records) => progress.update(records));
  progress.stop();
  return summary;
}

/** Time that an import has moved on can never be moved back. */
function checkUntil(untilDay: number | undefined, today: number): void {
  if (untilDay === undefined || untilDay <= today + FUTURE_DAYS_MAX) return;
  throw new CommandFailed(exitCodes.usage, `--until may be at most ${FUTURE_DAYS_MAX} days from now`);
}

const FUTURE_DAYS_MAX = 7;
