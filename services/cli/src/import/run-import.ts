import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createImportTarget, type ImportTarget } from "@tidemark/gateway";
import { createModel, type Model } from "@tidemark/scoring";
import { createMetrics } from "@tidemark/telemetry";
import type { CommandContext } from "../command-context.ts";
import { type Console, consoleOf } from "../console.ts";
import { controlClient } from "../control-client.ts";
import { checkInstallation, newInstallation, readInstallation } from "../data-directory.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { type CustomerSample, customerSampler } from "../model/customer-sample.ts";
import { fitModel } from "../model/fit-model.ts";
import { keepModel, mayKeepModel } from "@tidemark/installation";
import { importDirectoryPrefix, type OpenData } from "../opened-data.ts";
import { type Pipeline, startPipeline } from "../pipeline.ts";
import { clientFor, commandLogger, dataDirectoryOf, findData } from "../running-server.ts";
import { type ServerRules, serverRules } from "../server-rules.ts";
import type { Settings } from "@tidemark/installation";
import { systemWords } from "../system-words.ts";
import { openContent } from "./content.ts";
import { importFile, type ImportSummary, type ImportSurroundings } from "./import-file.ts";
import { type Progress, progressOf } from "./progress.ts";
import { checkTimePattern, openPurchaseTable } from "./purchase-rows.ts";
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
  try {
    // First of all: with a file that cannot be used nothing is made and nobody is asked.
    const table = await openPurchaseTable(content, {
      customer: options.customerColumn ?? null,
      time: options.timeColumn ?? null,
      amount: options.amountColumn ?? null,
      order: options.orderColumn ?? null,
    });
    return await importTable({ content, table }, options, settings, context);
  } finally {
    content.close();
  }
}

async function importTable(
  file: Pick<ImportSurroundings, "content" | "table">,
  options: ImportCommandOptions,
  settings: Settings,
  context: CommandContext,
): Promise<ImportOutcome> {
  const rejectsPath = options.rejects ?? `${basename(file.content.name)}.rejects.csv`;
  const startedAt = context.clock.monotonic();
  const progress = progressOf(context);
  const summary = await withTarget(options, settings, context, progress, async (to) => {
    const { rules } = to;
    const zone = timeZone(rules.timeZone);
    checkUntil(options.until, zone.dayOf(context.clock.now()));
    const directory = await makeFolder(to.sortIn);
    try {
      return await importFile(
        {
          currency: rules.currency,
          timePattern: options.timeFormat ?? null,
          zone,
          untilDay: options.until ?? null,
          source: options.source,
          clockMode: rules.clock,
        },
        {
          ...file,
          target: to.target,
          ...(to.onTaken === undefined ? {} : { onTaken: to.onTaken }),
          ...(to.onRead === undefined ? {} : { onRead: to.onRead }),
          rejects: rejectsFile(rejectsPath, file.content.name),
          progress,
          clock: context.clock,
          signal: context.signal,
          directory,
          onColumns: ({ customer, time, amount, order }) =>
            consoleOf(context).note(
              `reading customers from "${customer}", times from "${time}", amounts from "${amount}" in ${rules.currency}` +
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

/** @throws CommandFailed (configuration) where none can be made */
async function makeFolder(prefix: string): Promise<string> {
  try {
    return await mkdtemp(prefix);
  } catch (cause) {
    const why = `cannot make a folder to sort the rows in, in ${dirname(prefix)}: ${systemWords(cause)}`;
    throw new CommandFailed(exitCodes.configuration, why, { cause });
  }
}

/** Where an import goes, and by which rules rows are read there. */
interface Destination extends Pick<ImportSurroundings, "onTaken" | "onRead"> {
  readonly target: ImportTarget;
  readonly rules: ServerRules;
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
  const directory = dataDirectoryOf(settings);
  const console = consoleOf(context);
  if (options.url !== undefined) {
    const client = clientFor(options.url, settings, context);
    const rules = await serverRules(client, settings);
    console.note(`importing through the server at ${options.url}: its model stays as it is`);
    return use({ target: remoteTarget(client), rules, sortIn: join(tmpdir(), "tidemark-import-") });
  }

  const logger = commandLogger(settings, "import");
  const found = await findData({
    directory,
    settings,
    clock: context.clock,
    logger,
    clientId: "tidemark-import",
    token: () => context.token(),
    ifMissing: { make: true, demo: null },
  });
  if ("server" in found) {
    const { url, control } = found.server;
    const installation = (await readInstallation(directory)) ?? newInstallation(settings, 0, null);
    checkInstallation(directory, installation, settings);
    console.note(`${directory} is in use: importing through the server at ${url}, whose model stays as it is`);
    const target = remoteTarget(clientFor(url, settings, context));
    const summary = await use({ target, rules: installation, sortIn: importDirectoryPrefix(directory) });
    if (installation.log.kind === "kafka") return scoredElsewhere(summary, progress, console);
    progress.stage("scoring", null, "items");
    await controlClient(control, context).caughtUp((records) => progress.update(records));
    progress.stop();
    return summary;
  }

  const data = found.open;
  await using open = new AsyncDisposableStack();
  open.defer(async () => data.close());
  const { installation, log, contracts, clock, model } = data;
  const { kind } = data.source;
  // Processors on Kafka may have started with the model that is: one that is kept now would make two of them.
  const sampler = kind === "embedded" && (await mayKeepModel(data)) ? customerSampler() : null;
  const untilDay = Math.min(options.until ?? -Infinity, model.calendar.dayOf(context.clock.now()));
  const started = Promise.withResolvers<Pipeline>();
  const summary = await use({
    target: createImportTarget({ log, contracts, clock, partitions: installation.partitions }),
    rules: installation,
    sortIn: importDirectoryPrefix(directory),
    onTaken({ customerId, occurredAt, amountMinor }) {
      if (amountMinor >= 0) sampler?.add(customerId, () => model.calendar.dayOf(occurredAt), amountMinor);
    },
    async onRead() {
      if (sampler === null) console.note(modelWords(model));
      if (kind === "kafka") return;
      const current = sampler === null ? model : await modelFittedTo(sampler.sample(untilDay), data, console);
      const metrics = createMetrics("thread");
      const pipeline = await startPipeline({
        data: { ...data, model: current },
        settings,
        context,
        logger,
        metrics,
        isServing: false,
      });
      open.defer(async () => pipeline.stop());
      started.resolve(pipeline);
    },
  });
  if (kind === "kafka") return scoredElsewhere(summary, progress, console);
  const pipeline = await started.promise;
  progress.stage("scoring", null, "items");
  await pipeline.caughtUp(context.signal, (records) => progress.update(records));
  progress.stop();
  return summary;
}

/** On Kafka what is stored is scored by whichever processors run. */
function scoredElsewhere(summary: ImportSummary, progress: Progress, console: Console): ImportSummary {
  progress.stop();
  console.note("everything is stored on Kafka; the processors that run score it");
  return summary;
}

/** Fits the model of a directory in which nothing is stored yet, and keeps it there before anything is (K1). */
async function modelFittedTo(sample: CustomerSample, data: OpenData, console: Console): Promise<Model> {
  const { artefact, notes } = fitModel(sample, data.model);
  for (const note of notes) console.note(note);
  if (artefact === data.model.artefact) return data.model;
  const model = createModel(artefact);
  await keepModel(data, artefact, data.clock);
  return model;
}

/** Of a model that stays what it is. */
function modelWords({ artefact: { fitted }, ref: { name, version } }: Model): string {
  return fitted
    ? `scores use the model that was fitted before the first purchases here were scored (${name} ${version})`
    : `scores use the default parameters (${name} ${version}), not fitted to your data: a model is fitted before anything is stored, and here something is`;
}

/** Time that an import has moved on can never be moved back. */
function checkUntil(untilDay: number | undefined, today: number): void {
  if (untilDay === undefined || untilDay <= today + FUTURE_DAYS_MAX) return;
  throw new CommandFailed(exitCodes.usage, `--until may be at most ${FUTURE_DAYS_MAX} days from now`);
}

const FUTURE_DAYS_MAX = 7;
