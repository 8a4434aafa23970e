import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvTable } from "./csv-table.ts";
import { lineBlocks } from "./lines.ts";
import type { Row } from "./table.ts";

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Buffer, chunkBytes = 64): Promise<{ columns: readonly string[]; rows: Row[] }> {
  const table = await csvTable(lineBlocks(chunksOf(Buffer.from(text), chunkBytes)));
  const rows: Row[] = [];
  for await (const block of table.blocks) rows.push(...block);
  return { columns: table.columns, rows };
}

/** Cells by line; a fault as its code. */
async function outcome(text: string | Buffer, chunkBytes?: number): Promise<[number, readonly string[] | string][]> {
  return (await read(text, chunkBytes)).rows.map((row) => [
    row.line,
    row.fault === undefined ? row.cells : row.fault.code,
  ]);
}

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "é", "💶", '"', ",", ";", "\n", " ", "0"), maxLength: 6 }),
  fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/[\r\0]/gu, "")),
);

describe("a CSV file", () => {
  it("gives back whatever cells were written, at any chunk size", async () => {
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (written, size, always) => {
        const quote = (text: string): string =>
          always || /[",;\n\t|]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const width = written[0]?.length ?? 0;
        const header = Array.from({ length: width }, (_, index) => `column${index}`).join(",");
        const text = [header, ...written.map((row) => row.map(quote).join(","))].join("\r\n");
        const { rows } = await read(text, size);
        const kept = written.filter((row) => always || row.map(quote).join(",").trim() !== "");
        // Line ends inside a quoted cell lose their carriage return, as those between rows do.
        expect(rows.map((row) => (row.fault === undefined ? row.cells : row.fault))).toEqual(kept);
      }),
    );
  });

  it("numbers rows by their line, blank lines and line ends in cells counted", async () => {
    expect(await outcome('\ufeffa,b\n1,2\n\n"x\ny",3\n4,5')).toEqual([
      [2, ["1", "2"]],
      [4, ["x\ny", "3"]],
      [6, ["4", "5"]],
    ]);
  });

  it.each([",", ";", "\t", "|"])("finds the delimiter %j by the header", async (delimiter) => {
    const { columns, rows } = await read(`a${delimiter}b c${delimiter}"d"\n1${delimiter}2${delimiter}3\n`);
    expect(columns).toEqual(["a", "b c", "d"]);
    expect(rows).toEqual([{ line: 2, cells: ["1", "2", "3"] }]);
  });

  it("rejects a bad row alone and goes on with its neighbours", async () => {
    const long = `${"x".repeat(1_100_000)},1`;
    expect(await outcome(`a,b\n1,2\n3\n"4"x,5\n6,5" pipe\n"7,8\n9,10\n${long}\n11,12\n`, 65_536)).toEqual([
      [2, ["1", "2"]],
      [3, "CELL_COUNT"],
      [4, "BAD_QUOTES"],
      [5, ["6", '5" pipe']],
      [6, "QUOTE_NOT_CLOSED"],
      [7, ["9", "10"]],
      [8, "LINE_TOO_LONG"],
      [9, ["11", "12"]],
    ]);
  });

  it("gives up on an open quote after a thousand lines", async () => {
    const lines = Array.from({ length: 1500 }, (_, index) => `${index},1`);
    const rows = await outcome(`a,b\n"open,1\n${lines.join("\n")}\n"x",2\n`, 4096);
    expect(rows[0]).toEqual([2, "QUOTE_NOT_CLOSED"]);
    expect(rows).toHaveLength(1502);
  });

  it("rejects bytes that are no UTF-8 and keeps the other lines of the block", async () => {
    const bytes = Buffer.concat([Buffer.from("a,b\n1,2\ncaf"), Buffer.from([0xe9]), Buffer.from(",3\n4,5\n")]);
    expect(await outcome(bytes, 4096)).toEqual([
      [2, ["1", "2"]],
      [3, "NOT_UTF8"],
      [4, ["4", "5"]],
    ]);
  });

  it("does not gather a line without end: by its bytes it is too long", async () => {
    expect(await outcome(`a,b\n${"é".repeat(600_000)},1\n2,3\n`, 65_536)).toEqual([
      [2, "LINE_TOO_LONG"],
      [3, ["2", "3"]],
    ]);
  });

  it("says what is wrong with a file that is empty or UTF-16", async () => {
    await expect(read("")).rejects.toThrow("empty");
    await expect(read("\n\n")).rejects.toThrow("empty");
    await expect(read(Buffer.from("\ufeffa,b\n1,2\n", "utf16le"))).rejects.toThrow("UTF-16");
  });
});
