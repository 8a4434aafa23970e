import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { externalSorter, RUNS_MAX, type SortRecord } from "./external-sort.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "external-sort-"));
});
afterEach(async () => rm(directory, { recursive: true }));

function inMemory(records: readonly SortRecord[]): SortRecord[] {
  return [...records].sort((a, b) => a.key - b.key || Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)));
}

async function sorted(records: readonly SortRecord[], bytesMax: number): Promise<SortRecord[]> {
  const sorter = externalSorter({ directory, name: "test", bytesMax });
  for (let at = 0; at < records.length; at += 7) await sorter.add(records.slice(at, at + 7));
  const result: SortRecord[] = [];
  for await (const block of sorter.sorted()) result.push(...block);
  await sorter.close();
  return result;
}

const record = fc.record({
  key: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
  text: fc.string({ unit: "binary", maxLength: 12 }),
});

describe("an external sort", () => {
  it("equals the sort in memory, however little memory it has", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 200 }),
        fc.integer({ min: 1, max: 4000 }),
        async (records, bytes) => {
          // -0 equals 0 for the order; what comes out is what went in, so compare as written.
          const plain = records.map(({ key, text }) => ({ key: key + 0, text }));
          expect(await sorted(plain, bytes)).toEqual(inMemory(plain));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("merges in levels when there are more runs than it reads at once, and leaves no file", async () => {
    const records = Array.from({ length: RUNS_MAX * RUNS_MAX * 3 + 5 }, (_, index) => ({
      key: (index * 7919) % 1009,
      text: `row ${index % 13}`,
    }));
    expect(await sorted(records, 40)).toEqual(inMemory(records));
    expect(await readdir(directory)).toEqual([]);
  });
});
