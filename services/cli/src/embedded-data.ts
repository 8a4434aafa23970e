import { join } from "node:path";
import { openContracts, openRegistry, type RegistryDescription, topicSpecs } from "@tidemark/contracts";
import { connectIntake, type EventIntake } from "@tidemark/gateway/intake";
import { modelOf, readKeptModel } from "@tidemark/installation";
import { openEmbeddedLog, shareLog } from "@tidemark/log-embedded";
import type { Clock, EventLog } from "@tidemark/streams";
import { requireUnchanged, takeOverSettings } from "./changed-settings.ts";
import {
  checkInstallation,
  type Installation,
  makeDirectory,
  newInstallation,
  readInstallation,
  requireLog,
  schemasOf,
  writeInstallation,
} from "./data-directory.ts";
import { keptErasureSecret } from "./kept-erasure-secret.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { keptClock } from "./kept-clock.ts";
import type { LogInThread } from "./log-thread/log-thread.ts";
import type { LogPlace } from "./log-thread/messages.ts";
import { NEVER_ENDS, type OpenData, type OpenDataOptions, removeLeftovers } from "./opened-data.ts";
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
  if (!ifMissing.make) checkInstallation(directory, wanted, settings);
  await makeDirectory(directory);

  const kept = wanted.demo === null ? null : await keptClock(directory, wanted.demo, options.clock);
  const clock = kept?.clock ?? options.clock;
  const agreed = known === null ? null : await takeOverSettings(directory, known, settings, clock);
  // The log's lock is the directory's: from here on nobody else is in it.
  const clockScale = kept?.scale ?? null;
  const opened = await openLog({ directory: join(directory, "log"), clockScale }, options, clock);
  const { log } = opened;
  const stop = new AbortController();
  try {
    const installation = await settle(directory, agreed, wanted, log);
    await removeServerAddress(directory);
    await removeLeftovers(directory);
    await log.createTopics(topicSpecs(installation.topicPrefix, installation.partitions));
    const registry = schemasOf(directory);
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
      await opened.close();
    };
    return {
      directory,
      installation,
      clock,
      clockScale,
      log,
      source: { kind: "embedded", share: () => opened.share() },
      intake: intakeOf(opened, installation, registry),
      followViews: opened.followViews,
      ended: opened.ended,
      registry,
      contracts,
      model: modelOf(installation, settings, fitted),
      erasureSecret,
      close: () => (closed ??= close()),
    };
  } catch (error) {
    stop.abort();
    await opened.close();
    throw error;
  }
}

/** The log as its directory has it open, here or in a thread of its own; here events are taken in, and views followed, by who has them. */
type OpenLog = Omit<LogInThread, InThread> & { readonly [Name in InThread]: LogInThread[Name] | null };
type InThread = "takeEvents" | "followViews";

async function openLog(place: LogPlace, { logThread = null, logger }: OpenDataOptions, clock: Clock): Promise<OpenLog> {
  const onProblem = (error: unknown): void => logger.error("the log has a problem", { error });
  if (logThread !== null) {
    const opened = await logThread.open(place, onProblem);
    // What ends the process says less: of the cause, which may quote a record, this tells the class.
    opened.ended.catch((error: unknown) => logger.error("the log's thread has died", { error }));
    return opened;
  }
  const log = await openEmbeddedLog({ directory: place.directory, clock, onProblem });
  const inThread = { takeEvents: null, followViews: null };
  return { log, share: () => shareLog(log), ...inThread, ended: NEVER_ENDS, close: () => log.close() };
}

/** Other threads read the schemas once all are registered. */
function intakeOf(
  { takeEvents }: OpenLog,
  installation: Installation,
  registry: RegistryDescription,
): EventIntake | null {
  if (takeEvents === null) return null;
  const { topicPrefix, partitions, clock: clockMode } = installation;
  return connectIntake(takeEvents({ registry, topicPrefix, partitions, clockMode }));
}

/** Sees that the settings are those that were read, or fixes those of a new directory, now that nobody else can be doing the same. */
async function settle(
  directory: string,
  known: Installation | null,
  wanted: Installation,
  log: EventLog,
): Promise<Installation> {
  await requireUnchanged(directory, known);
  if (known !== null) return known;
  if ((await log.topics()).length > 0) {
    throw new CommandFailed(
      exitCodes.configuration,
      `${directory} holds a log but its installation.json is gone; restore that file from a backup`,
    );
  }
  await writeInstallation(directory, wanted);
  return wanted;
}
