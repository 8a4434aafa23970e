import { expect, test } from "vitest";
import { boundedName, findInTable, openInTable, tableEntries, type TableShape, valueAtIndex } from "./name-table.ts";

const SHAPE: TableShape = { entriesMax: 3, valueBytes: 2, nameBytesMax: 8 };

test("a name is cut between two characters", () => {
  expect(boundedName("short", 8)).toBe("short");
  expect(boundedName("exactly8", 8)).toBe("exactly8");
  expect(boundedName("名名名", 8)).toBe("名名");
  expect(boundedName("a😀😀", 8)).toBe("a😀");
  expect(boundedName("never kept, never cut", 0)).toBe("never kept, never cut");
});

test("entries keep their place and values, and one too many has none", () => {
  let table = Buffer.alloc(0);
  for (const [i, name] of ["web", "", "a long name"].entries()) {
    const opened = openInTable(table, SHAPE, name);
    table = Buffer.from(opened.table);
    expect(opened.entry).toMatchObject({ name, index: i });
    table.writeUInt16LE(1_000 + i, opened.entry?.valueAt ?? NaN);
  }
  expect(openInTable(table, SHAPE, "fourth")).toEqual({ table, entry: null });
  expect(openInTable(table, SHAPE, "web").table).toBe(table);
  expect(tableEntries(table, SHAPE).map(({ name, valueAt }) => [name, table.readUInt16LE(valueAt)])).toEqual([
    ["web", 1_000],
    ["", 1_001],
    ["a long n", 1_002],
  ]);
  expect(findInTable(table, SHAPE, "a long nose")?.index).toBe(2);
  expect(findInTable(table, SHAPE, "app")).toBeNull();
  expect(table.readUInt16LE(valueAtIndex(table, SHAPE, 2))).toBe(1_002);
});
