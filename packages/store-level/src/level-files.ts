import { existsSync } from "node:fs";
import { open, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DirectoryLocked, StoreUnavailable } from "@tidemark/streams";
import { ClassicLevel } from "classic-level";
import { openingError } from "./open-level.ts";

/** What LevelDB leaves in its directory, and nothing else. */
const LEVEL_FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(ldb|sst|log|dbtmp))$/;
const WRITE_AHEAD_LOG = /^\d+\.log$/;

/**
 * In the directory of a store for as long as it is being wiped: files go one after the other, and of those that are left when the process ends
 * meanwhile LevelDB would make a store again, with what its log holds and without the rest.
 */
const BEING_WIPED = "being-wiped";

/** Whether a process has ended while it wiped this store: what is left of it is to be wiped. */
export function isHalfWiped(directory: string): boolean {
  return existsSync(join(directory, BEING_WIPED));
}

/**
 * Removes a store that is not open, whatever state it is in. Nothing happens where there is none. LevelDB does it under the
 * store's own lock: between closing a store and wiping it, another thread may have opened it, and would lose its files.
 * @throws DirectoryLocked if it is open; StoreUnavailable
 */
export async function wipe(directory: string): Promise<void> {
  const mark = join(directory, BEING_WIPED);
  try {
    await unlessGone(writeFile(mark, ""));
  } catch (cause) {
    throw new StoreUnavailable(`the store in ${directory} cannot be wiped: make room on its disk`, { cause });
  }
  try {
    await ClassicLevel.destroy(directory);
  } catch (error) {
    const reason = openingError(error, directory);
    // Nothing of it was touched.
    if (reason instanceof DirectoryLocked) await rm(mark, { force: true });
    throw reason;
  }
  await rm(mark, { force: true });
}

/** Size of the files of a store. */
export async function bytesOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await namesIn(directory, LEVEL_FILE)) {
    const found = await unlessGone(stat(join(directory, name)));
    bytes += found?.size ?? 0;
  }
  return bytes;
}

/**
 * Syncs all that was written. LevelDB's own `sync` covers only the file it logs to at the moment; what was logged
 * before it changed files may be in no table yet. A log that is gone has become a table, which is synced.
 */
export async function syncWrites(directory: string): Promise<void> {
  for (const name of await namesIn(directory, WRITE_AHEAD_LOG)) {
    const file = await unlessGone(open(join(directory, name), "r"));
    if (file === null) continue;
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

/** Empties what LevelDB writes down for people, of a store that is open: it names keys there. It appends to it, so it may be cut. */
export async function dropDiagnostics(directory: string): Promise<void> {
  await rm(join(directory, "LOG.old"), { force: true });
  await unlessGone(truncate(join(directory, "LOG")));
}

async function namesIn(directory: string, pattern: RegExp): Promise<string[]> {
  const names = await unlessGone(readdir(directory));
  return (names ?? []).filter((name) => pattern.test(name));
}

async function unlessGone<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
