import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openContracts, openRegistry, topicNames, topicSpecs } from "@tidemark/contracts";
import { isUnused, type Settings } from "@tidemark/installation";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import type { Clock } from "@tidemark/streams";
import {
  checkInstallation,
  contradictions,
  type Installation,
  readInstallation,
  schemasOf,
  withSettings,
  writeInstallation,
} from "./data-directory.ts";
import { CommandFailed, exitCodes } from "./failure.ts";

/**
 * Lets a data directory take over settings that it was not created with, as long as nothing was stored in it that depends on them: a
 * command that failed early may have made it, and nobody chose what it fixed.
 *
 *  S1 Only who has the log's lock looks and changes. Who read the settings before and gets the lock afterwards is told ({@link requireUnchanged}).
 *  S2 The log is emptied too: what a start publishes by itself, the default parameters, is of one currency and time zone.
 *  S3 The stores go first, then the log, then the settings are written. Whatever instant a kill strikes at, the directory is a sound one of
 *     the old settings, with less in it, or of the new.
 *
 * @param known the settings as they were read from the directory, whose log is its own
 * @param clock that of the log
 * @returns what holds from now on
 * @throws CommandFailed (configuration) with every contradiction, where something is stored; what `openEmbeddedLog` throws
 */
export async function takeOverSettings(
  directory: string,
  known: Installation,
  settings: Settings,
  clock: Clock,
): Promise<Installation> {
  if (contradictions(known, settings).length === 0) return known;
  const log = await openEmbeddedLog({ directory: join(directory, "log"), clock });
  try {
    await requireUnchanged(directory, known);
    await log.createTopics(topicSpecs(known.topicPrefix, known.partitions));
    const registry = await openRegistry(schemasOf(directory));
    const contracts = await openContracts({ registry, prefix: known.topicPrefix });
    if (!(await isUnused({ log, contracts }))) checkInstallation(directory, known, settings);
    for (const copies of ["stores", "views"]) await rm(join(directory, copies), { recursive: true, force: true });
    const changed = withSettings(known, settings);
    const { models, imports, processorState } = topicNames(known.topicPrefix);
    await log.closeEmptied({
      disposable: new Set([models, imports, processorState]),
      whenEmpty: () => writeInstallation(directory, changed),
    });
    return changed;
  } finally {
    await log.close();
  }
}

/**
 * For who has the lock of the log, and read the settings before.
 * @throws CommandFailed (directory locked) where another command has changed them meanwhile
 */
export async function requireUnchanged(directory: string, known: Installation | null): Promise<void> {
  if (isDeepStrictEqual(await readInstallation(directory), known)) return;
  throw new CommandFailed(exitCodes.directoryLocked, `${directory} was just made by another command; try again`);
}
