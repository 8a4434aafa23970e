import type { FileHandle } from "node:fs/promises";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "@tidemark/streams";

/** What is sorted: by `key`, then by the UTF-8 bytes of `text`. */
export interface SortRecord {
  readonly key: number;
  readonly text: string;
}

/**
 * Sorts more than fits in memory: sorted runs on disk, merged while they are read.
 *
 * Owns the files `<name>-*` in its directory. Does not own the directory.
 * Invariants:
 *  E1 What comes out is what went in, in order, equal records included.
 *  E2 Memory stays below `bytesMax` of records, and {@link READ_BYTES} for each run being merged, of which there are at
 *     most {@link RUNS_MAX} a level (each level holds that many times more than the one below).
 */
export interface ExternalSorter {
  add(records: readonly SortRecord[]): Promise<void>;
  /** All records in order, in blocks; once, after the last `add`. */
  sorted(): AsyncGenerator<readonly SortRecord[]>;
  /** Removes the files. */
  close(): Promise<void>;
}

export interface ExternalSorterOptions {
  readonly directory: string;
  /** Tells its files from those of another sorter in the same directory. */
  readonly name: string;
  /** Bound on the bytes of records held in memory. */
  readonly bytesMax: number;
}

export function externalSorter({ directory, name, bytesMax }: ExternalSorterOptions): ExternalSorter {
  const memory = memoryRun();
  const levels: string[][] = [];
  let runsMade = 0;

  async function addRun(level: number, blocks: AsyncIterable<readonly PackedRecord[]>): Promise<void> {
    runsMade += 1;
    const path = join(directory, `${name}-${runsMade}`);
    await writeRun(path, blocks);
    const runs = (levels[level] ??= []);
    runs.push(path);
    if (runs.length < RUNS_MAX) return;
    const merged = runs.splice(0);
    await addRun(level + 1, merge(merged.map(readRun)));
    await Promise.all(merged.map((run) => rm(run)));
  }

  return {
    async add(records) {
      for (const record of records) {
        if (memory.bytes() >= bytesMax) {
          await addRun(0, memory.sorted());
          memory.clear();
        }
        memory.add(record);
      }
    },
    async *sorted() {
      const runs = levels.flat().map(readRun);
      for await (const block of runs.length === 0 ? memory.sorted() : merge([...runs, memory.sorted()])) {
        yield block.map(({ key, bytes }) => ({ key, text: bytes.toString("utf8") }));
      }
    },
    close: async () => {
      memory.free();
      await Promise.all(levels.flat().map((run) => rm(run, { force: true })));
    },
  };
}

export const RUNS_MAX = 16;
const READ_BYTES = 256 * 1024;
const BLOCK_RECORDS_MAX = 1000;

/** A record whose text is still bytes; they are valid until the next block is asked for. */
interface PackedRecord {
  readonly key: number;
  readonly bytes: Buffer;
}

/** Records side by side in one buffer, so that a million of them are three objects and not a million. */
function memoryRun(): {
  add(record: SortRecord): void;
  bytes(): number;
  sorted(): AsyncGenerator<readonly PackedRecord[]>;
  clear(): void;
  /** As `clear`, and gives the memory back. */
  free(): void;
} {
  let slab = Buffer.allocUnsafe(INITIAL_BYTES);
  let keys = new Float64Array(INITIAL_RECORDS);
  let ends = new Uint32Array(INITIAL_RECORDS);
  let count = 0;
  let used = 0;
  const start = (index: number): number => (index === 0 ? 0 : (ends[index - 1] ?? 0));
  const end = (index: number): number => ends[index] ?? 0;

  return {
    add({ key, text }) {
      // A UTF-16 unit takes at most three bytes of UTF-8.
      if (used + text.length * 3 > slab.length) slab = Buffer.concat([slab], (slab.length + text.length * 3) * 2);
      if (count === keys.length) {
        keys = grown(keys, new Float64Array(count * 2));
        ends = grown(ends, new Uint32Array(count * 2));
      }
      used += slab.write(text, used, "utf8");
      keys[count] = key;
      ends[count] = used;
      count += 1;
    },
    bytes: () => used + count * 12,
    async *sorted() {
      const order = new Uint32Array(count).map((_, index) => index);
      order.sort((a, b) => {
        const byKey = (keys[a] ?? 0) - (keys[b] ?? 0);
        return byKey === 0 ? slab.compare(slab, start(b), end(b), start(a), end(a)) : byKey;
      });
      for (let from = 0; from < count; from += BLOCK_RECORDS_MAX) {
        const block: PackedRecord[] = [];
        for (const index of order.subarray(from, from + BLOCK_RECORDS_MAX)) {
          block.push({ key: keys[index] ?? 0, bytes: slab.subarray(start(index), end(index)) });
        }
        yield block;
      }
    },
    clear() {
      count = 0;
      used = 0;
    },
    free() {
      count = 0;
      used = 0;
      slab = Buffer.alloc(0);
      keys = new Float64Array(INITIAL_RECORDS);
      ends = new Uint32Array(INITIAL_RECORDS);
    },
  };
}

const INITIAL_BYTES = 64 * 1024;
const INITIAL_RECORDS = 1024;

function grown<T extends Float64Array | Uint32Array>(old: T, fresh: T): T {
  fresh.set(old);
  return fresh;
}

/** A run on disk is: key (8 bytes), length (4), text; for each record. */
async function writeRun(path: string, blocks: AsyncIterable<readonly PackedRecord[]>): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const block of blocks) {
      const header = Buffer.allocUnsafe(block.length * HEADER_BYTES);
      const parts = block.flatMap(({ key, bytes }, index) => {
        header.writeDoubleLE(key, index * HEADER_BYTES);
        header.writeUInt32LE(bytes.length, index * HEADER_BYTES + 8);
        return [header.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES), bytes];
      });
      await file.writeFile(Buffer.concat(parts));
    }
  } finally {
    await file.close();
  }
}

const HEADER_BYTES = 12;

async function* readRun(path: string): AsyncGenerator<readonly PackedRecord[]> {
  const file = await open(path, "r");
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = await readChunk(file);
      if (chunk.length === 0) break;
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const block: PackedRecord[] = [];
      let at = 0;
      while (at + HEADER_BYTES <= bytes.length) {
        const end = at + HEADER_BYTES + bytes.readUInt32LE(at + 8);
        if (end > bytes.length) break;
        block.push({ key: bytes.readDoubleLE(at), bytes: bytes.subarray(at + HEADER_BYTES, end) });
        at = end;
      }
      rest = bytes.subarray(at);
      yield block;
    }
    assert(rest.length === 0, "a run ends with a whole record");
  } finally {
    await file.close();
  }
}

async function readChunk(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, null);
  return buffer.subarray(0, bytesRead);
}

/** Merges sorted runs. Linear in the number of runs for each record, which is small and bounded. */
async function* merge(
  runs: readonly AsyncGenerator<readonly PackedRecord[]>[],
): AsyncGenerator<readonly PackedRecord[]> {
  const cursors: Cursor[] = [];
  try {
    for (const run of runs) {
      const cursor = { run, block: [], index: 0 };
      if (await refill(cursor)) cursors.push(cursor);
    }
    let block: PackedRecord[] = [];
    while (cursors.length > 0) {
      const least = leastOf(cursors);
      const record = headOf(least);
      block.push(record);
      least.index += 1;
      if (least.index === least.block.length && !(await refill(least))) cursors.splice(cursors.indexOf(least), 1);
      if (block.length === BLOCK_RECORDS_MAX) {
        yield block;
        block = [];
      }
    }
    yield block;
  } finally {
    await Promise.all(runs.map((run) => run.return(undefined)));
  }
}

interface Cursor {
  readonly run: AsyncGenerator<readonly PackedRecord[]>;
  block: readonly PackedRecord[];
  index: number;
}

async function refill(cursor: Cursor): Promise<boolean> {
  do {
    const next = await cursor.run.next();
    if (next.done === true) return false;
    cursor.block = next.value;
    cursor.index = 0;
  } while (cursor.block.length === 0);
  return true;
}

function headOf(cursor: Cursor): PackedRecord {
  const record = cursor.block[cursor.index];
  assert(record !== undefined, "a cursor stands on a record");
  return record;
}

function leastOf(cursors: readonly Cursor[]): Cursor {
  const [first, ...others] = cursors;
  assert(first !== undefined, "there is a cursor");
  let least = first;
  let head = headOf(first);
  for (const cursor of others) {
    const candidate = headOf(cursor);
    if (candidate.key < head.key || (candidate.key === head.key && candidate.bytes.compare(head.bytes) < 0)) {
      least = cursor;
      head = candidate;
    }
  }
  return least;
}
