import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { BLOCK_BYTES } from "./record-blocks.ts";
import { varintBytes } from "./varint.ts";

/** For tests: the directory of a Level that was written to and closed, and copies of it to damage. */
export interface WrittenLevel {
  readonly original: string;
  /** As it is, but for files given other content; null = without that file. */
  copy(files?: Readonly<Record<string, Buffer | null>>): Promise<string>;
  /** Of the only one whose name ends so. */
  file(ending: string): Promise<{ readonly name: string; readonly content: Buffer }>;
  /** Where what each write put into the write-ahead file begins, bytes; at the end where the file ends. */
  readonly starts: readonly number[];
  remove(): Promise<void>;
}

/**
 * @param sizes of the value of each write; some depend on how long the write-ahead file is by then
 * @param prefix of the keys: each write has its own
 */
export async function writeLevelOf(sizes: readonly (number | SizeAfter)[], prefix = ""): Promise<WrittenLevel> {
  const root = await mkdtemp(join(tmpdir(), "tidemark-written-"));
  const original = join(root, "original");
  const level = new Level<string, Buffer>(original, { ...VALUES, writeBufferSize: 64 * 1024 * 1024 });
  const starts: number[] = [0];
  for (const [index, size] of sizes.entries()) {
    const bytes = typeof size === "number" ? size : size(starts.at(-1) ?? 0);
    await level.put(`${prefix}${String(index).padStart(KEY_DIGITS, "0")}`, valueOf(index, bytes));
    starts.push((await stat(join(original, "000003.log"))).size);
  }
  await level.close();
  let copies = 0;
  return {
    original,
    starts,
    async copy(files = {}) {
      copies += 1;
      const directory = join(root, `copy-${copies}`);
      await cp(original, directory, { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        if (content === null) await rm(join(directory, name));
        else await writeFile(join(directory, name), content);
      }
      return directory;
    },
    async file(ending) {
      const name = (await readdir(original)).find((each) => each.endsWith(ending) || each.startsWith(ending));
      if (name === undefined) throw new Error(`there is no ${ending}`);
      return { name, content: await readFile(join(original, name)) };
    },
    remove: () => rm(root, { recursive: true }),
  };
}

/** What LevelDB itself finds in a directory: keys, of values that are as they were written. It changes the directory. */
export async function keysFoundIn(directory: string): Promise<string[]> {
  const level = new Level<string, Buffer>(directory, VALUES);
  try {
    await level.open();
    const entries = await level.iterator().all();
    return entries.flatMap(([key, value]) =>
      value.equals(valueOf(Number(key.slice(-KEY_DIGITS)), value.length)) ? key : [],
    );
  } finally {
    await level.close();
  }
}

export type SizeAfter = (logBytes: number) => number;

/** A value that leaves so many bytes of a block, where keys have no prefix. */
export function leavingOfBlock(left: number): SizeAfter {
  return (logBytes) => {
    for (let size = 0; ; size += 1) {
      if (endAfter(logBytes, size) % BLOCK_BYTES === (BLOCK_BYTES - left) % BLOCK_BYTES) return size;
    }
  };
}

/** As LevelDB's db/log_writer.cc and db/write_batch.cc write it. */
function endAfter(logBytes: number, valueBytes: number): number {
  let rest = 8 + 4 + 1 + 1 + KEY_DIGITS + varintBytes(valueBytes) + valueBytes;
  let end = logBytes;
  do {
    const free = BLOCK_BYTES - (end % BLOCK_BYTES);
    if (free < HEADER_BYTES) end += free;
    const here = Math.min(rest, BLOCK_BYTES - (end % BLOCK_BYTES) - HEADER_BYTES);
    end += HEADER_BYTES + here;
    rest -= here;
  } while (rest > 0);
  return end;
}

const KEY_DIGITS = 6;
const HEADER_BYTES = 7;
const VALUES = { valueEncoding: "buffer", compression: false } as const;

/** Looks like nothing in particular, and like no other. */
function valueOf(index: number, size: number): Buffer {
  const value = Buffer.alloc(size);
  let state = index + 1;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    value[at] = state >>> 24;
  }
  return value;
}
