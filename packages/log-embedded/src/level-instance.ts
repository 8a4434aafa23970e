import { DirectoryLocked, LogCorrupted, LogUnavailable } from "@tidemark/streams";
import type {
  AbstractBatchOperation,
  AbstractKeyIteratorOptions,
  AbstractLevel,
  AbstractValueIteratorOptions,
} from "abstract-level";
import { Level } from "level";

/** Any Level: classic-level on a directory, memory-level in a simulation. The log sets all encodings itself. */
export type LevelInstance = AbstractLevel<string | Buffer | Uint8Array>;

export type LevelOperation = AbstractBatchOperation<LevelInstance, Buffer, Buffer>;

const BUFFERS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
const SYNCED = { ...BUFFERS, sync: true };

/**
 * Memory counts, since stores share the process: at most two write buffers are held at a time. Batches are read
 * from memory-mapped files, which the block cache does not hold. No compression: the second core has better to do,
 * and what is not compressed is read without a copy. Large files: few of them, few open.
 */
const OPTIONS = {
  writeBufferSize: 16 * 1024 * 1024,
  maxFileSize: 16 * 1024 * 1024,
  blockSize: 16 * 1024,
  cacheSize: 2 * 1024 * 1024,
  maxOpenFiles: 128,
  compression: false,
} as const;

export function levelOn(directory: string): LevelInstance {
  return new Level(directory, OPTIONS);
}

/** @throws DirectoryLocked, LogCorrupted, LogUnavailable */
export async function openLevel(level: LevelInstance, name: string): Promise<void> {
  try {
    await level.open();
  } catch (error) {
    const cause = codeOf(error) === "LEVEL_DATABASE_NOT_OPEN" ? causeOf(error) : error;
    if (codeOf(cause) === "LEVEL_LOCKED") {
      throw new DirectoryLocked(
        `the log in ${name} is in use by another process: stop that one, or use it over HTTP, or name another data directory`,
        { cause },
      );
    }
    if (codeOf(cause) === "LEVEL_CORRUPTION") {
      throw new LogCorrupted(`the log in ${name} cannot be opened: restore it from a backup`, { cause });
    }
    throw new LogUnavailable(`the log in ${name} cannot be opened: ${messageOf(cause)}`, { cause });
  }
}

/**
 * One atomic write that survives power loss. Everything is synced, what retention and compaction do too: they rely
 * on the order of their writes, and LevelDB keeps it only among synced ones once it has changed files.
 */
export async function writeLevel(level: LevelInstance, operations: LevelOperation[]): Promise<void> {
  await level.batch<Buffer, Buffer>(operations, SYNCED);
}

export interface ValuesRead {
  readonly gte: Buffer;
  readonly lt: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** What one `nextv` may hold, beside one value. */
  readonly bytesMax: number;
}

/** Values in a range of keys; the caller closes it. */
export function readValues(level: LevelInstance, { bytesMax, ...range }: ValuesRead) {
  const options: AbstractValueIteratorOptions<Buffer, Buffer> & { highWaterMarkBytes: number } = {
    ...range,
    ...BUFFERS,
    highWaterMarkBytes: bytesMax,
  };
  return level.values<Buffer, Buffer>(options);
}

/** Keys in a range, at most `limit`. */
export async function readKeys(
  level: LevelInstance,
  range: Omit<AbstractKeyIteratorOptions<Buffer>, "keyEncoding">,
): Promise<Buffer[]> {
  return level.keys<Buffer>({ ...range, keyEncoding: "buffer" }).all();
}

/** An error of a read from Level, as the port names it. */
export function readError(error: unknown): LogCorrupted | LogUnavailable {
  return codeOf(error) === "LEVEL_CORRUPTION"
    ? new LogCorrupted("the log on disk is damaged: restore it from a backup", { cause: error })
    : new LogUnavailable(`the log cannot be read: ${messageOf(error)}`, { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
