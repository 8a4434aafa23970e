import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { ImportTarget } from "@tidemark/gateway";
import { createMetrics } from "@tidemark/telemetry";
import type { CommandContext } from "../command-context.ts";
import { type Console, consoleOf } from "../console.ts";
import { controlClient } from "../control-client.ts";
import { checkInstallation, type Installation, newInstallation, readInstallation } from "../data-directory.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { openContent } from "../import/content.ts";
import { importFile, type ImportSummary } from "../import/import-file.ts";
import { type Progress, progressBar, progressLines } from "../import/progress.ts";
import { rejectsFile } from "../import/rejects.ts";
import { remoteTarget } from "../import/remote-target.ts";
import { timeReader } from "../import/time-text.ts";
import { timeZone } from "../import/time-zone.ts";
import { importDirectoryPrefix } from "../open-data.ts";
import { startPipeline } from "../pipeline.ts";
import { clientFor, commandLogger, DATA_DIRECTORY, findData } from "../running-server.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings, type Settings } from "../settings.ts";
import { day } from "./options.ts";

interface ImportCommandOptions {
  readonly customerColumn?: string;
  readonly timeColumn?: string;
  readonly amountColumn?: string;
  readonly orderColumn?: string;
  readonly timeFormat?: string;
  readonly until?: number;
  readonly source: string;
  readonly url?: string;
  readonly rejects?: string;
  readonly json?: boolean;
}

/** `import FILE|-`: purchases of a file into the log, and scored. */
export function addImportCommand(program: Command, context: CommandContext, end: (exitCode: number) => void): void {
  const command = program
    .command("import")
    .description("Imports purchases from a file and scores the customers. The same file twice changes nothing.")
    .argument("<FILE>", "CSV with a header line or NDJSON, gzip of either; - for standard input")
    .option("--customer-column <NAME>", "column of the customer's id (found by its usual names)")
    .option("--time-column <NAME>", "column of the time of purchase (found likewise)")
    .option("--amount-column <NAME>", "column of the amount; a negative one is a refund (found likewise)")
    .option("--order-column <NAME>", "column of the order's number (found likewise, may be missing)")
    .option("--time-format <PATTERN>", "how times are written, e.g. dd.MM.yyyy HH:mm, or epoch-s, epoch-ms")
    .option("--until <DATE>", "leave out what comes after this day", day)
    .option(
      "--source <NAME>",
      "where the rows come from: the same row of the same source counts once",
      source,
      "import",
    )
    .option("--url <URL>", "import through this server")
    .option("--rejects <FILE>", "where to list rejected rows (FILE.rejects.csv in this directory)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", helpText);
  addSettingOptions(command, ["TIDEMARK_DATA_DIR", "TIDEMARK_CURRENCY", "TIDEMARK_TIME_ZONE", "TIDEMARK_CLOCK"]);
  command.action(async (path: string, options: ImportCommandOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { summary, rejectsPath } = await runImport(path, options, settings, context);
    const console = consoleOf(context);
    if (options.json === true) console.json(summary);
    else printSummary(console, summary);
    if (summary.rejected === 0) return;
    console.note(`${summary.rejected} rows were rejected; ${rejectsPath} says which and why`);
    end(exitCodes.rowsRejected);
  });
}

const helpText = `
Each row is one purchase: customer, time, amount. Times are ISO 8601, yyyymmdd, epoch seconds or milliseconds; without
an offset they are local to the time zone, and a date alone is enough. Amounts are plain decimals, 1234.50.

In clock mode event (--clock event, fixed when the data directory is created) time is that of the rows: they are put in
order, and the last day ends with the last row's, or with --until.

Examples:
  tidemark import purchases.csv.gz
  tidemark import sales.csv --customer-column Kunde --time-column Datum --amount-column Summe --time-format dd.MM.yyyy
  tidemark import history.csv --clock event --until 2024-12-31 --data-dir .tidemark/replay`;

async function runImport(
  path: string,
  options: ImportCommandOptions,
  settings: Settings,
  context: CommandContext,
): Promise<{ summary: ImportSummary; rejectsPath: string }> {
  const content = await openContent(path, context.stdin);
  const rejectsPath = options.rejects ?? `${basename(content.name)}.rejects.csv`;
  const startedAt = context.clock.monotonic();
  const progress = progressOf(context);
  const summary = await withTarget(options, settings, context, progress, async (to) => {
    const { installation } = to;
    const zone = timeZone(installation.timeZone);
    checkPattern(options.timeFormat);
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

function progressOf({ stderr, clock }: CommandContext): Progress {
  return stderr.isTTY === true ? progressBar(stderr) : progressLines((text) => void stderr.write(text), clock);
}

function checkPattern(pattern: string | undefined): void {
  if (pattern === undefined) return;
  try {
    timeReader(timeZone("UTC"), pattern);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailed(exitCodes.usage, `--time-format ${JSON.stringify(pattern)} cannot be used: ${why}`, {
      cause,
    });
  }
}

/** Time that an import has moved on can never be moved back. */
function checkUntil(untilDay: number | undefined, today: number): void {
  if (untilDay === undefined || untilDay <= today + FUTURE_DAYS_MAX) return;
  throw new CommandFailed(exitCodes.usage, `--until may be at most ${FUTURE_DAYS_MAX} days from now`);
}

const FUTURE_DAYS_MAX = 7;
const SOURCE_LENGTH_MAX = 128;

function source(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (text !== "" && text.length <= SOURCE_LENGTH_MAX && !/[\u0000-\u001f\u007f]/u.test(text)) return text;
  throw new InvalidArgumentError(`It must be 1 to ${SOURCE_LENGTH_MAX} characters.`);
}

function printSummary(console: Console, summary: ImportSummary): void {
  const { rows, accepted, duplicate, afterUntil, rejected, customers, firstAt, lastAt, seconds } = summary;
  const parts = [
    `${accepted} imported`,
    ...(duplicate > 0 ? [`${duplicate} had been imported before`] : []),
    ...(afterUntil > 0 ? [`${afterUntil} after --until`] : []),
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
  ];
  console.line(`${rows} rows: ${parts.join(", ")}; ${customers} customers, ${seconds.toFixed(1)} s`);
  if (firstAt !== null && lastAt !== null) console.line(`from ${firstAt} to ${lastAt}`);
}
