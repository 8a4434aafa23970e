import { open, stat, type FileHandle } from "node:fs/promises";
import { CommandFailed, exitCodes } from "../failure.ts";
import { systemWords } from "../system-words.ts";
import type { RowFault } from "./lines.ts";

/** The file that lists the rejected rows: `line,code,reason`, for a person to mend them by. */
export interface Rejects {
  /** Rows rejected so far. */
  readonly count: number;
  add(line: number, fault: RowFault): void;
  /** Writes what was added; to be awaited now and then, so that no more than a block is held. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file is made with the first rejected row; one left from an earlier import is then replaced. It holds line numbers
 * and reasons but not the rows themselves: those are in the file that was imported, and need no second copy.
 * @param input the file that is read, which is not to be written over
 */
export function rejectsFile(path: string, input: string): Rejects {
  let file: FileHandle | null = null;
  let pending: string[] = [];
  let count = 0;

  async function flush(): Promise<void> {
    if (pending.length === 0) return;
    const text = pending.join("");
    pending = [];
    file ??= await create(path, input);
    await file.appendFile(text);
  }

  return {
    get count() {
      return count;
    },
    add(line, { code, reason }) {
      count += 1;
      pending.push(`${line},${code},"${reason.replaceAll('"', '""')}"\n`);
    },
    flush,
    async close() {
      await flush();
      await file?.close();
      file = null;
    },
  };
}

async function create(path: string, input: string): Promise<FileHandle> {
  if (await isSameFile(path, input)) {
    throw new CommandFailed(
      exitCodes.usage,
      "cannot write the rejected rows over the file that they are in; say where to with --rejects FILE",
    );
  }
  try {
    const file = await open(path, "w");
    await file.appendFile("line,code,reason\n");
    return file;
  } catch (cause) {
    throw new CommandFailed(
      exitCodes.usage,
      `cannot write the rejected rows: ${systemWords(cause)}; say where to with --rejects FILE`,
      { cause },
    );
  }
}

/** By whatever names, links included. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const place = await placeOf(one);
  return place !== null && place === (await placeOf(other));
}

async function placeOf(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path);
    return `${dev} ${ino}`;
  } catch {
    return null;
  }
}
