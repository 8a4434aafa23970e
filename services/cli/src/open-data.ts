import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ClockScale } from "@tidemark/clock";
import { type Contracts, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import {
  type Artefact,
  type ArtefactOverrides,
  createModel,
  defaultArtefact,
  type Model,
  overriddenArtefact,
} from "@tidemark/scoring";
import type { Clock } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import {
  checkInstallation,
  type Demo,
  type Installation,
  makeDirectory,
  newInstallation,
  readInstallation,
  writeInstallation,
} from "./data-directory.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { keptClock } from "./kept-clock.ts";
import { readKeptModel } from "@tidemark/installation";
import { removeServerAddress } from "./server-address.ts";
import type { Settings } from "@tidemark/installation";

/** A data directory that this process has to itself, with what lies in it opened. */
export interface OpenData {
  readonly directory: string;
  readonly installation: Installation;
  /** What the log stamps its records with: the machine's clock, or the scaled one of a demo. */
  readonly clock: Clock;
  /** Of a demo's clock, else null. */
  readonly clockScale: ClockScale | null;
  readonly log: EmbeddedLog;
  readonly contracts: Contracts;
  /** The one that was fitted to the first import, else the default parameters. */
  readonly model: Model;
  close(): Promise<void>;
}

export interface OpenDataOptions {
  readonly directory: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What becomes of a directory that there is none of yet: it is made, with or without a demo, or refused. */
  readonly ifMissing: { readonly make: true; readonly demo: Demo | null } | { readonly make: false };
}

/**
 * Opens a data directory, or makes one. All is open or, after a throw, nothing is.
 * @throws DirectoryLocked, VersionTooNew, LogCorrupted, LogUnavailable, CommandFailed (configuration)
 */
export async function openData(options: OpenDataOptions): Promise<OpenData> {
  const { directory, settings, logger, ifMissing } = options;
  const known = await readInstallation(directory);
  if (known === null && !ifMissing.make) {
    throw new CommandFailed(
      exitCodes.configuration,
      `there are no data in ${directory}; import some, or name another directory with --data-dir`,
    );
  }
  const wanted = known ?? newInstallation(settings, options.clock.now(), ifMissing.make ? ifMissing.demo : null);
  checkInstallation(directory, wanted, settings);
  await makeDirectory(directory);

  const kept = wanted.demo === null ? null : await keptClock(directory, wanted.demo, options.clock);
  const clock = kept?.clock ?? options.clock;
  // The log's lock is the directory's: from here on nobody else is in it.
  const log = await openEmbeddedLog({
    directory: join(directory, "log"),
    clock,
    onProblem: (error) => logger.error("the log has a problem", { error }),
  });
  const stop = new AbortController();
  try {
    const installation = await settle(directory, known, wanted, log);
    await removeServerAddress(directory);
    await removeLeftovers(directory);
    await log.createTopics(topicSpecs(installation.topicPrefix, installation.partitions));
    const registry = await openFileRegistry(registryFile(directory));
    const contracts = await openContracts({ registry, prefix: installation.topicPrefix });
    const fitted = await readKeptModel({ log, contracts });
    const keeping = kept?.keep(stop.signal) ?? Promise.resolve();
    keeping.catch((error: unknown) => logger.error("the demo's clock cannot be kept", { error }));
    let closed: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      stop.abort();
      await keeping.catch(() => undefined);
      await log.close();
    };
    return {
      directory,
      installation,
      clock,
      clockScale: kept?.scale ?? null,
      log,
      contracts,
      model: modelOf(installation, settings, fitted),
      close: () => (closed ??= close()),
    };
  } catch (error) {
    stop.abort();
    await log.close();
    throw error;
  }
}

/** Fixes the settings of a new directory, now that nobody else can be doing the same. */
async function settle(
  directory: string,
  known: Installation | null,
  wanted: Installation,
  log: EmbeddedLog,
): Promise<Installation> {
  if (known !== null) return known;
  const meanwhile = await readInstallation(directory);
  if (meanwhile !== null) {
    throw new CommandFailed(exitCodes.directoryLocked, `${directory} was just made by another command; try again`);
  }
  if ((await log.topics()).length > 0) {
    throw new CommandFailed(
      exitCodes.configuration,
      `${directory} holds a log but its installation.json is gone; restore that file from a backup`,
    );
  }
  await writeInstallation(directory, wanted);
  return wanted;
}

/** What the settings do not say stays as the fitted model has it. */
function modelOf({ currency, timeZone }: Installation, settings: Settings, fitted: Artefact | null): Model {
  const { TIDEMARK_CHURN_HORIZON_DAYS, TIDEMARK_VALUE_HORIZON_DAYS, TIDEMARK_DISCOUNT_RATE } = settings;
  const overrides: ArtefactOverrides = {
    currency,
    timeZone,
    ...(TIDEMARK_CHURN_HORIZON_DAYS === undefined ? {} : { churnHorizonDays: TIDEMARK_CHURN_HORIZON_DAYS }),
    ...(TIDEMARK_VALUE_HORIZON_DAYS === undefined ? {} : { valueHorizonDays: TIDEMARK_VALUE_HORIZON_DAYS }),
    ...(TIDEMARK_DISCOUNT_RATE === undefined ? {} : { discountRate: TIDEMARK_DISCOUNT_RATE }),
  };
  return createModel(fitted === null ? defaultArtefact(overrides) : overriddenArtefact(fitted, overrides));
}

/** The file of the schema registry in a data directory. */
export function registryFile(directory: string): string {
  return join(directory, "schemas.json");
}

/** Where an import of this process may sort. */
export function importDirectoryPrefix(directory: string): string {
  return join(directory, `import-${process.pid}-`);
}

/** Removes what imports that were killed have left. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = /^import-(\d+)-/u.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(directory, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
