import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LogCorrupted } from "@tidemark/streams";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BLOCK_BYTES, readBlock, type RecordType } from "./record-blocks.ts";
import { checkWriteAhead } from "./write-ahead.ts";
import { keysFoundIn, leavingOfBlock, writeLevelOf, type WrittenLevel } from "./written-level.ts";

const LOG = "000003.log";
/** In one block and over many, and with what may be left of a block. */
const SIZES = [
  ...Array.from({ length: 30 }, (_, index) => (index * 37) % 90),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((left) => [100, 9_000, leavingOfBlock(left), 50]),
  70_000,
  ...Array.from({ length: 20 }, (_, index) => (index * 997) % 9_000),
  10,
];

describe("the write-ahead file of a Level", () => {
  let written: WrittenLevel;
  let log: Buffer;
  let last: number;
  beforeAll(async () => {
    written = await writeLevelOf([...SIZES, 40_000]);
    log = (await written.file(".log")).content;
    last = written.starts.at(-2) ?? 0;
  });
  afterAll(() => written.remove());

  /** A copy with its write-ahead file changed. */
  const damaged = (damage: (content: Buffer) => void): Promise<string> => {
    const content = Buffer.from(log);
    damage(content);
    return written.copy({ [LOG]: content });
  };

  it("has all kinds of records and ends of blocks, and is well", async () => {
    const types = new Set<RecordType>();
    for (let base = 0; base < log.length; base += BLOCK_BYTES) {
      readBlock(log.subarray(base, base + BLOCK_BYTES), {
        record: (_, type) => types.add(type),
        gap: () => expect.unreachable(),
      });
    }
    expect(types).toEqual(new Set(["full", "first", "middle", "last"]));
    const left = new Set(written.starts.map((start) => (BLOCK_BYTES - (start % BLOCK_BYTES)) % BLOCK_BYTES));
    for (const bytes of [0, 1, 2, 3, 4, 5, 6, 7, 8]) expect(left).toContain(bytes);

    const directory = await written.copy();
    await checkWriteAhead(directory);
    expect(await keysFoundIn(directory)).toHaveLength(SIZES.length + 1);
  });

  it(
    "is refused, with the byte, where one bit makes LevelDB lose a write that others follow",
    { timeout: 60_000 },
    async () => {
      const where = fc.record({ at: fc.nat({ max: last - 1 }), bit: fc.nat({ max: 7 }) });
      // Headers are a small part of the file, and most of what can go wrong.
      const ofHeader = fc
        .record({ write: fc.nat({ max: SIZES.length - 1 }), byte: fc.nat({ max: 6 }), bit: fc.nat({ max: 7 }) })
        .map(({ write, byte, bit }) => ({ at: (written.starts[write] ?? 0) + byte, bit }));
      let lost = 0;
      await fc.assert(
        fc.asyncProperty(fc.oneof(where, ofHeader), async ({ at, bit }) => {
          const directory = await damaged((content) => {
            content[at] = (content[at] ?? 0) ^ (1 << bit);
          });
          const verdict = await verdictOn(directory);
          const found = await keysFoundIn(directory);
          if (found.length === SIZES.length + 1) {
            expect(verdict).toBe("well");
            return;
          }
          lost += 1;
          const start = written.starts.findLast((each) => each <= at) ?? 0;
          const place = /000003\.log is damaged at byte (\d+)/.exec(verdict)?.[1];
          // A write that begins behind less than a header begins in the next block.
          expect(Number(place)).toBeGreaterThanOrEqual(start);
          expect(Number(place)).toBeLessThanOrEqual(Math.max(at, start + 6));
        }),
        { numRuns: 80 },
      );
      expect(lost).toBeGreaterThan(60);
    },
  );

  it(
    "is refused where a stretch of it is zeros or something else, with writes behind it",
    { timeout: 60_000 },
    async () => {
      const stretch = fc.record({
        at: fc.nat({ max: last - 1 }),
        bytes: fc.integer({ min: 1, max: 100_000 }),
        fill: fc.constantFrom(Buffer.of(0), Buffer.of(0xff), Buffer.of(1), Buffer.from("any text")),
      });
      await fc.assert(
        fc.asyncProperty(stretch, async ({ at, bytes, fill }) => {
          const directory = await damaged((content) => content.fill(fill, at, Math.min(at + bytes, last)));
          const verdict = await verdictOn(directory);
          const found = await keysFoundIn(directory);
          expect(verdict).toMatch(found.length === SIZES.length + 1 ? /^well$/ : /is damaged at byte/);
        }),
        { numRuns: 40 },
      );
    },
  );

  it("is well wherever it is cut short in its last write, or filled with zeros from there on", async () => {
    const small = await writeLevelOf([100, leavingOfBlock(30), 60]);
    const { content } = await small.file(".log");
    const start = small.starts.at(-2) ?? 0;
    expect(Math.floor(start / BLOCK_BYTES)).not.toBe(Math.floor(content.length / BLOCK_BYTES));
    const directory = await small.copy();
    for (let end = start; end <= content.length; end += 1) {
      for (const zeros of [0, content.length - end, BLOCK_BYTES]) {
        await writeFile(join(directory, LOG), Buffer.concat([content.subarray(0, end), Buffer.alloc(zeros)]));
        await checkWriteAhead(directory);
      }
    }
    await small.remove();
  });

  it("is well wherever it is cut short", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: log.length }), async (end) => {
        const directory = await written.copy({ [LOG]: log.subarray(0, end) });
        await checkWriteAhead(directory);
        const whole = written.starts.findLastIndex((start) => start <= end);
        expect(await keysFoundIn(directory)).toHaveLength(whole);
      }),
      { numRuns: 40 },
    );
  });

  it("is well where the disk has lost pages of the last write, and refused where it was changed", async () => {
    const page = Math.ceil(last / 4096) * 4096;
    const ofSecondBlock = Math.ceil(last / BLOCK_BYTES) * BLOCK_BYTES;
    for (const at of [page, page + 4096, ofSecondBlock]) {
      await checkWriteAhead(await damaged((content) => content.fill(0, at, at + 4096)));
    }
    for (const at of [last + 2, page, ofSecondBlock - 1]) {
      const verdict = await verdictOn(await damaged((content) => content.writeUInt8((content[at] ?? 0) ^ 1, at)));
      expect(verdict).toContain(`damaged at byte ${last}`);
    }
  });

  it("is refused where the last write is whole but for its length", async () => {
    const small = await writeLevelOf([100, 200, 300]);
    const { content } = await small.file(".log");
    const start = small.starts.at(-2) ?? 0;
    for (const bit of [0, 5, 6, 9, 14]) {
      const changed = Buffer.from(content);
      changed.writeUInt16LE(changed.readUInt16LE(start + 4) ^ (1 << bit), start + 4);
      expect(await verdictOn(await small.copy({ [LOG]: changed }))).toContain(`damaged at byte ${start}`);
    }
    await small.remove();
  });
});

describe("several write-ahead files", () => {
  let one: WrittenLevel;
  let next: Buffer;
  let first: Buffer;
  beforeAll(async () => {
    one = await writeLevelOf([100, 5_000, 40_000]);
    first = (await one.file(".log")).content;
    const other = await writeLevelOf([300, 50_000, 200], "next");
    next = (await other.file(".log")).content;
    await other.remove();
  });
  afterAll(() => one.remove());

  it("are well, and so is one that is torn with nothing behind it", async () => {
    const end = first.subarray(0, -10);
    for (const [content, found] of [
      [{ "000004.log": next }, 6],
      [{ "000004.log": next.subarray(0, -10) }, 5],
      [{ [LOG]: end, "000004.log": Buffer.alloc(0) }, 2],
      [{ [LOG]: end, "000004.log": Buffer.alloc(4_096) }, 2],
    ] as const) {
      const directory = await one.copy(content);
      await checkWriteAhead(directory);
      expect(await keysFoundIn(directory)).toHaveLength(found);
    }
  });

  it("are refused where one is torn and the next has writes, in the order of their numbers", async () => {
    const ends = [first.length - 10, (one.starts.at(-2) ?? 0) + 3, (one.starts.at(-2) ?? 0) + 7, BLOCK_BYTES];
    for (const end of ends) {
      // "1000000.log" comes before "999999.log" where names are compared.
      const torn = first.subarray(0, end);
      const directory = await one.copy({ [LOG]: null, "999999.log": torn, "1000000.log": next });
      expect(await verdictOn(directory)).toContain(`999999.log is damaged at byte ${one.starts.at(-2)}`);
      expect(await keysFoundIn(directory)).toHaveLength(5);
    }
  });

  it("are refused where a write begins in one, and another goes on in the next", async () => {
    const begun = { [LOG]: first.subarray(0, BLOCK_BYTES), "000004.log": next.subarray(BLOCK_BYTES) };
    const directory = await one.copy(begun);
    expect(await verdictOn(directory)).toContain(`${LOG} is damaged at byte ${one.starts.at(-2)}`);
    expect(await keysFoundIn(directory)).toHaveLength(3);
  });

  it("are well where one that LevelDB has no more use for is torn", async () => {
    const directory = await one.copy();
    await keysFoundIn(directory);
    await writeFile(join(directory, LOG), first.subarray(0, -10));
    const newest = (await readdir(directory)).find((name) => name.endsWith(".log") && name !== LOG);
    await writeFile(join(directory, newest ?? ""), next);
    await checkWriteAhead(directory);
    expect(await keysFoundIn(directory)).toHaveLength(6);
  });
});

describe("what leads to the files of a Level", () => {
  let written: WrittenLevel;
  let manifest: string;
  let content: Buffer;
  beforeAll(async () => {
    const level = await writeLevelOf([100, 200, 300]);
    await keysFoundIn(level.original);
    written = level;
    ({ name: manifest, content } = await level.file("MANIFEST-"));
  });
  afterAll(() => written.remove());

  it(
    "is refused, by LevelDB or before, where one bit of it makes LevelDB lose a write",
    { timeout: 60_000 },
    async () => {
      const bit = fc.record({ at: fc.nat({ max: content.length - 1 }), bit: fc.nat({ max: 7 }) });
      const told = new Set<string>();
      await fc.assert(
        fc.asyncProperty(bit, async ({ at, bit: index }) => {
          const changed = Buffer.from(content);
          changed[at] = (content[at] ?? 0) ^ (1 << index);
          const directory = await written.copy({ [manifest]: changed });
          const verdict = await verdictOn(directory);
          const found = await keysFoundIn(directory).catch(() => null);
          if (verdict !== "well") expect(verdict).toContain(manifest);
          else expect(found?.length ?? "refused").toSatisfy((each) => each === 3 || each === "refused");
          told.add(verdict === "well" ? "well" : "damaged");
        }),
        { numRuns: 80 },
      );
      expect(told).toEqual(new Set(["well", "damaged"]));
    },
  );

  it("is refused where CURRENT is gone, and with it all that LevelDB would find", async () => {
    const directory = await written.copy({ CURRENT: null });
    expect(await verdictOn(directory)).toMatch(/CURRENT is missing, though there is 000005\.ldb/);
    expect(await keysFoundIn(directory)).toEqual([]);
  });

  it("need not be there yet", async () => {
    expect(await verdictOn(join(written.original, "nowhere"))).toBe("well");
  });
});

/** What is said of it: "well", or what is damaged. */
async function verdictOn(directory: string): Promise<string> {
  try {
    await checkWriteAhead(directory);
    return "well";
  } catch (error) {
    if (error instanceof LogCorrupted) return error.message;
    throw error;
  }
}
