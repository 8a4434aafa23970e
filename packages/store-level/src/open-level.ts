import { DirectoryLocked, StateCorrupted, StoreUnavailable } from "@tidemark/streams";
import type { AbstractLevel } from "abstract-level";
import { Level } from "level";
import type { StoreDirectory } from "./level-store.ts";

/**
 * No compression: files are mapped into memory and read without a copy, so they take none of the process's own, the block cache stays
 * empty and a read costs no decompression. Large files: few of them.
 */
const OPTIONS = {
  keyEncoding: "utf8",
  valueEncoding: "buffer",
  maxFileSize: 8 * 1024 * 1024,
  cacheSize: 1024 * 1024,
  maxOpenFiles: 100,
  compression: false,
} as const;

/**
 * What the stores of all partitions hold in write buffers, of which each has two at the most. The larger a buffer, the less often LevelDB
 * merges what was in it with what is there: of 4 stores of a million states, 8 MB each save half of it, against 2 MB.
 */
const WRITE_BUFFERS_BYTES = 64 * 1024 * 1024;
const WRITE_BUFFER_BYTES_MIN = 2 * 1024 * 1024;
const WRITE_BUFFER_BYTES_MAX = 8 * 1024 * 1024;

function writeBufferBytes(stores: number): number {
  const share = Math.floor(WRITE_BUFFERS_BYTES / 2 / stores);
  return Math.min(WRITE_BUFFER_BYTES_MAX, Math.max(WRITE_BUFFER_BYTES_MIN, share));
}

/** Whether the compiler takes a Level for the AbstractLevel that it is depends on the order in which it sees files: hence the cast. */
export function levelOn({
  directory,
  stores = 1,
  shared = false,
}: StoreDirectory): AbstractLevel<string | Buffer | Uint8Array> {
  const options = { ...OPTIONS, writeBufferSize: writeBufferBytes(stores), multithreading: shared };
  const level: unknown = new Level(directory, options);
  return level as AbstractLevel<string | Buffer | Uint8Array>;
}

/** @throws DirectoryLocked, StateCorrupted, StoreUnavailable */
export async function openLevel<K, V>(
  level: AbstractLevel<string | Buffer | Uint8Array, K, V>,
  name: string,
): Promise<void> {
  try {
    await level.open();
  } catch (error) {
    throw openingError(error, name);
  }
}

/** What Level failed with while it had no lock yet, as the port's error. */
export function openingError(error: unknown, name: string): DirectoryLocked | StateCorrupted | StoreUnavailable {
  const cause = codeOf(error) === "LEVEL_DATABASE_NOT_OPEN" && error instanceof Error ? error.cause : error;
  if (codeOf(cause) === "LEVEL_LOCKED") {
    return new DirectoryLocked(`the store in ${name} is in use by another process: stop that one`, { cause });
  }
  if (codeOf(cause) === "LEVEL_CORRUPTION" || isIncomplete(cause)) {
    return new StateCorrupted(`the store in ${name} is damaged: wipe it and restore`, { cause });
  }
  return new StoreUnavailable(`the store in ${name} cannot be opened`, { cause });
}

/** Whether the list of the store's files, which it says that it has, is not there: LevelDB takes that for a failing disk. */
function isIncomplete(error: unknown): boolean {
  return codeOf(error) === "LEVEL_IO_ERROR" && error instanceof Error && MANIFEST_GONE.test(error.message);
}

const MANIFEST_GONE = /MANIFEST-\d+: No such file or directory$/;

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
