import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { LogCorrupted, LogUnavailable } from "@tidemark/streams";
import { messageOf, RESTORE } from "./level-errors.ts";
import { ALL_LOGS, editLogNumbers, type LogNumbers } from "./manifest.ts";
import { BLOCK_BYTES } from "./record-blocks.ts";
import { type Place, RecordFiles } from "./record-files.ts";

/**
 * Looks for damage where LevelDB, when it is opened, passes over it with a line in a file of its own, and what was acknowledged is gone: in
 * the write-ahead files, which hold what is in no other file yet, and in the MANIFEST, which tells which files there are. Nothing is changed,
 * so that it stays damaged until somebody brings back a backup. Other damage LevelDB refuses itself, or the checksum of a batch tells.
 * @param directory of a Level; there need be none yet. Where another process has it open, which LevelDB's lock tells afterwards, its files grow
 *   meanwhile: what is seen of them ends torn at the worst
 * @throws LogCorrupted with file and byte, LogUnavailable
 */
export async function checkWriteAhead(directory: string): Promise<void> {
  const names = (await unlessMissing(() => readdir(directory))) ?? [];
  const current = await unlessMissing(() => readFile(join(directory, "CURRENT"), "latin1"));
  if (current === null) {
    await refuseWithoutCurrent(directory, names);
    return;
  }
  const { first, other } = await logNumbersIn(join(directory, current.trimEnd()));
  const logs = names
    .flatMap((name) => (LOG_NAME.test(name) ? { path: join(directory, name), number: Number.parseInt(name, 10) } : []))
    .filter(({ number }) => number >= first || number === other)
    .toSorted((one, another) => one.number - another.number);
  const files = new RecordFiles(refuse);
  for (const { path } of logs) await readFileInto(files, path);
}

/** Those that LevelDB has read are there until they are deleted, and their end may be torn. */
async function logNumbersIn(manifest: string): Promise<LogNumbers> {
  let numbers = ALL_LOGS;
  const files = new RecordFiles(refuse, (edit) => {
    numbers = editLogNumbers(numbers, edit);
  });
  await readFileInto(files, manifest);
  return numbers;
}

/** LevelDB takes such a directory for a new one and deletes what it holds. */
async function refuseWithoutCurrent(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!DATA_NAME.test(name)) continue;
    const bytes = (await unlessMissing(() => stat(join(directory, name))))?.size ?? 0;
    if (bytes === 0) continue;
    throw new LogCorrupted(`${join(directory, "CURRENT")} is missing, though there is ${name}: ${RESTORE}`);
  }
}

const LOG_NAME = /^\d+\.log$/;
const DATA_NAME = /^\d+\.(log|ldb|sst)$/;

/** A file that is gone has nothing to read: what LevelDB needs it asks for itself. */
async function readFileInto(files: RecordFiles, path: string): Promise<void> {
  const file = await unlessMissing(() => open(path));
  if (file === null) return;
  try {
    files.beginFile(path);
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (let isEnd = false; !isEnd;) {
      let bytes = 0;
      while (bytes < piece.length && !isEnd) {
        const { bytesRead } = await reading(() => file.read(piece, bytes));
        bytes += bytesRead;
        isEnd = bytesRead === 0;
      }
      files.read(piece.subarray(0, bytes));
    }
  } finally {
    await file.close();
  }
}

/** What is held of a file at a time, and looked through in one go: a few milliseconds of work. */
const PIECE_BYTES = 32 * BLOCK_BYTES;

function refuse({ file, offset }: Place): never {
  throw new LogCorrupted(`${file} is damaged at byte ${offset}, and what was acknowledged is lost there: ${RESTORE}`);
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await reading(read);
  } catch (error) {
    if (error instanceof LogUnavailable && isMissing(error.cause)) return null;
    throw error;
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new LogUnavailable(`the log cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
