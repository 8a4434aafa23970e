import type { AbstractBatchOperation, AbstractLevel, AbstractValueIteratorOptions } from "abstract-level";
import { Level } from "level";
import { BEYOND_ALL } from "./keys.ts";
import { openError, readError } from "./level-errors.ts";

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
  // A segment fits into it (`segmentBytesMax`).
  writeBufferSize: 4 * 1024 * 1024,
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
    throw openError(error, name);
  }
}

/**
 * One atomic write that survives power loss. Everything is synced, what retention and compaction do too: they rely
 * on the order of their writes, and LevelDB keeps it only among synced ones once it has changed files.
 */
export async function writeLevel(level: LevelInstance, operations: LevelOperation[]): Promise<void> {
  await level.batch<Buffer, Buffer>(operations, SYNCED);
}

/**
 * As {@link writeLevel}, where it may be much: Level copies all of it before it writes, and meanwhile nobody else has the thread.
 * Nothing of it is written before all is copied.
 * @param giveWay called between parts of about {@link COPY_BYTES}
 */
export async function writeLevelInParts(
  level: LevelInstance,
  operations: LevelOperation[],
  giveWay: () => Promise<void>,
): Promise<void> {
  const all = operations.reduce((sum, operation) => sum + bytesOf(operation), 0);
  if (all < 2 * COPY_BYTES) {
    await writeLevel(level, operations);
    return;
  }
  const batch = level.batch();
  let bytes = 0;
  for (const operation of operations) {
    if (operation.type === "del") {
      batch.del<Buffer>(operation.key, BUFFERS);
      continue;
    }
    batch.put<Buffer, Buffer>(operation.key, operation.value, BUFFERS);
    bytes += operation.value.length;
    if (bytes < COPY_BYTES) continue;
    bytes = 0;
    await giveWay();
  }
  await batch.write({ sync: true });
}

/** Of the value; keys are short. */
export function bytesOf(operation: LevelOperation): number {
  return operation.type === "put" ? operation.value.length : 0;
}

/** What Level copies in about a millisecond. */
const COPY_BYTES = 1_048_576;

/**
 * Merges the files that hold keys of the range, so that nothing is left of what was deleted or overwritten there; where a Level has no
 * files, nothing is to be done.
 * @throws LogCorrupted, LogUnavailable
 */
export async function compactLevel(level: LevelInstance, { gte, lt }: Required<Pick<LevelRange, "gte" | "lt">>) {
  if (!isCompactable(level)) return;
  await reading(() => level.compactRange(gte, lt, { keyEncoding: "buffer" }));
}

/**
 * Ends the file that Level makes of what it holds in memory: what is written after this call lies in another one. (Nearly always: a write
 * called right after it may overtake it.) Resolves once the file is there; where a Level has no files, nothing is to be done.
 */
export function beginFile(level: LevelInstance): Promise<void> {
  // Whatever it is asked to merge, LevelDB puts what it holds in memory into a file first, and in this range there is nothing to merge.
  return compactLevel(level, BEYOND_ALL);
}

/** Whether a Level that was written to has no further use for the buffers that it was given. One in memory keeps them. */
export function copiesValues(level: LevelInstance): boolean {
  return isCompactable(level);
}

/** Of classic-level alone. */
interface Compactable {
  compactRange(start: Buffer, end: Buffer, options: { readonly keyEncoding: "buffer" }): Promise<void>;
}

function isCompactable(level: object): level is Compactable {
  return "compactRange" in level;
}

/** A range of keys, in order or from its end. */
export interface LevelRange {
  readonly gte?: Buffer;
  readonly lt?: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** @throws LogCorrupted, LogUnavailable */
export function readKeys(level: LevelInstance, range: LevelRange): Promise<Buffer[]> {
  return reading(() => level.keys<Buffer>({ ...range, keyEncoding: "buffer" }).all());
}

/** @throws LogCorrupted, LogUnavailable */
export function readValues(level: LevelInstance, range: LevelRange): Promise<Buffer[]> {
  return reading(() => level.values<Buffer, Buffer>({ ...range, ...BUFFERS }).all());
}

/** The values of some keys; undefined = there is none. @throws LogCorrupted, LogUnavailable */
export function readMany(level: LevelInstance, keys: Buffer[]): Promise<(Buffer | undefined)[]> {
  return reading(() => level.getMany<Buffer, Buffer>(keys, BUFFERS));
}

/** Reads values one lot after the other; whoever opened it closes it. */
export interface ValueCursor {
  /** None at the end. @throws LogCorrupted, LogUnavailable */
  next(): Promise<Buffer[]>;
  close(): Promise<void>;
}

/**
 * @param bytesMax what one lot may hold, beside one value
 * @throws LogUnavailable
 */
export function openCursor(level: LevelInstance, range: LevelRange, bytesMax: number): ValueCursor {
  const options: AbstractValueIteratorOptions<Buffer, Buffer> & { highWaterMarkBytes: number } = {
    ...range,
    ...BUFFERS,
    highWaterMarkBytes: bytesMax,
  };
  try {
    const values = level.values<Buffer, Buffer>(options);
    return { next: () => reading(() => values.nextv(LOT_VALUES_MAX)), close: () => values.close() };
  } catch (error) {
    throw readError(error);
  }
}

/** Beside the bound in bytes: what is copied out of Level in one go. */
const LOT_VALUES_MAX = 1_000;

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw readError(error);
  }
}
