import { join } from "node:path";
import { openContracts, openRegistry, topicSpecs } from "@tidemark/contracts";
import { modelOf, readKeptModel } from "@tidemark/installation";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import {
  checkInstallation,
  type Installation,
  makeDirectory,
  newInstallation,
  readInstallation,
  requireLog,
  writeInstallation,
} from "./data-directory.ts";
import { keptErasureSecret } from "./kept-erasure-secret.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { keptClock } from "./kept-clock.ts";
import { type OpenData, type OpenDataOptions, removeLeftovers } from "./opened-data.ts";
import { removeServerAddress } from "./server-address.ts";

/**
 * Opens a data directory with its own log, or makes one. All is open or, after a throw, nothing is.
 * @throws DirectoryLocked, VersionTooNew, LogCorrupted, LogUnavailable, CommandFailed (configuration)
 */
export async function openEmbeddedData(options: OpenDataOptions): Promise<OpenData> {
  const { directory, settings, logger, ifMissing } = options;
  const known = await readInstallation(directory);
  if (known === null && !ifMissing.make) {
    throw new CommandFailed(
      exitCodes.configuration,
      `there are no data in ${directory}; import some, or name another directory with --data-dir`,
    );
  }
  const wanted = known ?? newInstallation(settings, options.clock.now(), ifMissing.make ? ifMissing.demo : null);
  requireLog(directory, wanted, "embedded");
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
    const registry = { kind: "file", path: join(directory, "schemas.json") } as const;
    const contracts = await openContracts({
      registry: await openRegistry(registry),
      prefix: installation.topicPrefix,
    });
    const fitted = await readKeptModel({ log, contracts, place: installation });
    const erasureSecret = settings.TIDEMARK_ERASURE_KEY ?? (await keptErasureSecret(directory, () => options.token()));
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
      source: { kind: "embedded", log },
      registry,
      contracts,
      model: modelOf(installation, settings, fitted),
      erasureSecret,
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
