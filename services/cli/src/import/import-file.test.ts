import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import type { Purchase } from "@tidemark/contracts";
import type { ImportItem, ImportTarget } from "@tidemark/gateway";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "@tidemark/clock";
import type { ColumnNames } from "./columns.ts";
import { openContent } from "./content.ts";
import { PART_ITEMS_MAX } from "./deliver.ts";
import { importFile, type ImportOptions, type ImportSummary } from "./import-file.ts";
import { noProgress } from "./progress.ts";
import { openPurchaseTable } from "./purchase-rows.ts";
import { rejectsFile } from "./rejects.ts";
import { readDay } from "./time-text.ts";
import { timeZone } from "./time-zone.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "import-file-"));
});
afterEach(async () => rm(directory, { recursive: true }));

/** Keeps the port's contract in memory: a part is taken only where the ledger stands. */
function memoryTarget(): ImportTarget & { readonly items: ImportItem[]; failAfterParts: number; parts: number } {
  const ledger = new Map<string, { itemsDone: number; complete: boolean }>();
  const items: ImportItem[] = [];
  return {
    items,
    failAfterParts: Infinity,
    parts: 0,
    progress: async (digest) => ledger.get(digest) ?? { itemsDone: 0, complete: false },
    async append({ digest, from, items: part, complete }) {
      if (this.parts >= this.failAfterParts) throw new Error("the log is gone");
      const status = ledger.get(digest) ?? { itemsDone: 0, complete: false };
      if (status.complete || status.itemsDone !== from) throw new Error("conflict");
      items.push(...part);
      this.parts += 1;
      ledger.set(digest, { itemsDone: from + part.length, complete });
    },
  };
}

interface Run extends Partial<ImportOptions> {
  readonly target?: ImportTarget;
  readonly path?: string;
  readonly stdin?: Readable;
  readonly columnNames?: ColumnNames;
}

const NAMES_UNSAID: ColumnNames = { customer: null, time: null, amount: null, order: null };

const rejectsPath = (): string => join(directory, "rejects.csv");

async function run(text: string | Buffer, options: Run = {}): Promise<ImportSummary> {
  const path = options.path ?? join(directory, "purchases.csv");
  if (path !== "-") await writeFile(path, text);
  const content = await openContent(path, options.stdin ?? Readable.from([]));
  return importFile(
    {
      currency: "USD",
      timePattern: null,
      zone: timeZone("UTC"),
      untilDay: null,
      source: "shop",
      clockMode: "wall",
      ...options,
    },
    {
      content,
      table: await openPurchaseTable(content, options.columnNames ?? NAMES_UNSAID),
      target: options.target ?? memoryTarget(),
      rejects: rejectsFile(rejectsPath(), path),
      progress: noProgress,
      clock: systemClock(),
      signal: new AbortController().signal,
      directory,
      onColumns: () => {},
    },
  );
}

function purchases(items: readonly ImportItem[]): Purchase[] {
  return items.flatMap((item) => (item.type === "purchase" ? [item.record] : []));
}

function ticks(items: readonly ImportItem[]): string[] {
  return items.flatMap((item) => (item.type === "tick" ? [new Date(item.at).toISOString()] : []));
}

const small = "customer_id,date,amount\nb,1997-01-02,29.33\na,1997-01-01,0\nb,1997-01-02,-5.10\nb,1997-01-02,29.33\n";

describe("an import", () => {
  it("makes a purchase of each row and a refund of each negative amount", async () => {
    const target = memoryTarget();
    const summary = await run(small, { target });
    expect(purchases(target.items).map((p) => [p.customerId, p.kind, p.amountMinor, p.currency, p.source])).toEqual([
      ["b", "PURCHASE", 2933, "USD", "shop"],
      ["a", "PURCHASE", 0, "USD", "shop"],
      ["b", "REFUND", 510, "USD", "shop"],
      ["b", "PURCHASE", 2933, "USD", "shop"],
    ]);
    expect(summary).toMatchObject({ rows: 4, accepted: 4, duplicate: 0, afterUntil: 0, rejected: 0, customers: 2 });
    expect(summary).toMatchObject({ firstAt: "1997-01-01T12:00:00.000Z", lastAt: "1997-01-02T12:00:00.000Z" });
    expect(ticks(target.items)).toEqual([]);
  });

  it("gives equal rows ids of their own, the same in any order, file and spelling", async () => {
    const [first, second] = [memoryTarget(), memoryTarget()];
    await run(small, { target: first });
    const shuffled =
      "Amount;Order No;Customer;Date\n29.330;;b;19970102\n0.00;;a;1997-01-01\n+29.33;;b;1997-01-02\n-5.1;;b;19970102\n";
    await run(shuffled, { target: second, clockMode: "event" });
    const ids = (items: readonly ImportItem[]): string[] =>
      purchases(items)
        .map((p) => p.eventId)
        .sort();
    expect(new Set(ids(first.items)).size).toBe(4);
    expect(ids(second.items)).toEqual(ids(first.items));
    const third = memoryTarget();
    await run(small, { target: third, source: "another shop" });
    expect(ids(third.items)).not.toContain(ids(first.items)[0]);
  });

  it.each(["wall", "event"] as const)("is a no-op the second time (%s)", async (clockMode) => {
    const target = memoryTarget();
    await run(small, { target, clockMode });
    const before = target.items.length;
    const again = await run(small, { target, clockMode });
    expect(again).toMatchObject({ rows: 4, accepted: 0, duplicate: 4, customers: 2 });
    const zipped = await run(gzipSync(small), { target, clockMode, path: join(directory, "other-name") });
    expect(zipped).toMatchObject({ accepted: 0, duplicate: 4 });
    expect(target.items).toHaveLength(before);
  });

  it("goes on after a failure where it stopped", async () => {
    const rows = Array.from({ length: 3 * PART_ITEMS_MAX }, (_, index) => `c${index % 97},2024-01-01,${index}`);
    const text = `customer,date,amount\n${rows.join("\n")}\n`;
    const target = memoryTarget();
    target.failAfterParts = 1;
    await expect(run(text, { target })).rejects.toThrow("gone");
    target.failAfterParts = Infinity;
    expect(await run(text, { target })).toMatchObject({ accepted: 2 * PART_ITEMS_MAX, duplicate: PART_ITEMS_MAX });
    expect(purchases(target.items).map((p) => p.amountMinor)).toEqual(rows.map((_, index) => index * 100));
  });

  it("reads standard input and NDJSON", async () => {
    const target = memoryTarget();
    const lines = '{"customer":7,"date":"2024-05-01","amount":29.33}\nnonsense\n[]\n{"__proto__":{"customer":"x"}}\n';
    const summary = await run("", { target, path: "-", stdin: Readable.from([Buffer.from(lines)]) });
    expect(purchases(target.items).map((p) => [p.customerId, p.amountMinor])).toEqual([["7", 2933]]);
    expect(summary).toMatchObject({ rows: 4, accepted: 1, rejected: 3 });
    expect((await readFile(rejectsPath(), "utf8")).split("\n").map((line) => line.split(",", 2).join())).toEqual([
      "line,code",
      "2,NOT_JSON_OBJECT",
      "3,NOT_JSON_OBJECT",
      "4,CUSTOMER_MISSING",
      "",
    ]);
  });

  it("takes a number of JSON digit by digit where a double holds no more of them", async () => {
    const target = memoryTarget();
    const ids = ["9007199254740992", "9007199254740993", "12345678901234567890", "12345678901234567891"];
    const lines = ids.map((id) => `{"customer":${id},"order":${id},"date":"2024-05-01","amount":1}\n`);
    expect(await run(lines.join(""), { target })).toMatchObject({ accepted: ids.length, customers: ids.length });
    expect(purchases(target.items).map((p) => [p.customerId, p.orderId])).toEqual(ids.map((id) => [id, id]));
  });

  it("rejects ids that no UTF-8 can hold rather than change them", async () => {
    const target = memoryTarget();
    const rowOf = (fields: object): string =>
      `${JSON.stringify({ customer: "c", order: "o", date: "2024-05-01", amount: 1, ...fields })}\n`;
    const lines = [rowOf({}), rowOf({ customer: "a\ud800" }), rowOf({ order: "\udc00" }), rowOf({ customer: "😀" })];
    expect(await run(lines.join(""), { target })).toMatchObject({ accepted: 2, rejected: 2, customers: 2 });
    const listed = await readFile(rejectsPath(), "utf8");
    expect(listed.match(/^\d+,\w+/gmu)).toEqual(["2,STRING_INVALID", "3,STRING_INVALID"]);
  });

  it("lists each rejected row with its line and a reason that does not quote it", async () => {
    const bad = [
      [",2024-01-01,1", "CUSTOMER_MISSING"],
      [`${"é".repeat(65)},2024-01-01,1`, "ID_TOO_LONG"],
      ["secret\u0007,2024-01-01,1", "ID_CONTROL_CHARACTER"],
      [".,2024-01-01,1", "ID_INVALID"],
      ["..,2024-01-01,1", "ID_INVALID"],
      ["secret,,1", "TIME_MISSING"],
      ["secret,2024-02-30,1", "TIME_NOT_UNDERSTOOD"],
      ["secret,1969-12-31,1", "TIME_OUT_OF_RANGE"],
      ["secret,9999-01-01,1", "TIME_OUT_OF_RANGE"],
      ["secret,2024-01-01,", "AMOUNT_MISSING"],
      ["secret,2024-01-01,NaN", "AMOUNT_INVALID"],
      ["secret,2024-01-01,1e5", "AMOUNT_INVALID"],
      ['secret,2024-01-01,"1,234.50"', "AMOUNT_INVALID"],
      ["secret,2024-01-01,1.005", "AMOUNT_TOO_PRECISE"],
      ["secret,2024-01-01,99999999999999", "AMOUNT_OUT_OF_RANGE"],
      ["secret,2024-01-01", "CELL_COUNT"],
    ] as const;
    const target = memoryTarget();
    const text = `customer,date,amount\n${bad.map(([row]) => `${row}\ngood,2024-01-01,1`).join("\n")}\n`;
    const summary = await run(text, { target });
    expect(summary).toMatchObject({ rows: 2 * bad.length, accepted: bad.length, rejected: bad.length, customers: 1 });
    const listed = await readFile(rejectsPath(), "utf8");
    const entries = listed
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));
    expect(entries.map(([line, code]) => [Number(line), code])).toEqual(
      bad.map(([, code], index) => [2 + 2 * index, code]),
    );
    expect(listed).not.toContain("secret");
  });

  it("keeps amounts exact to the last minor unit", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1e12, max: 1e12 }), { minLength: 1, maxLength: 50 }),
        async (minors) => {
          const rows = minors.map((minor) => {
            const digits = String(Math.abs(minor)).padStart(3, "0");
            return `a,2024-01-01,${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
          });
          const target = memoryTarget();
          await run(`customer,date,amount\n${rows.join("\n")}\n`, { target });
          const signed = purchases(target.items).map((p) => (p.kind === "REFUND" ? -p.amountMinor : p.amountMinor));
          expect(signed).toEqual(minors);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("leaves no temporary file, and no rejects file where nothing was rejected", async () => {
    await run(small, { clockMode: "event" });
    expect(await readdir(directory)).toEqual(["purchases.csv"]);
  });

  it("lists the file's columns when it cannot find one", async () => {
    const text = "kunde,datum,summe\n1,2024-01-01,5\n";
    await expect(run(text)).rejects.toThrow(
      /--customer-column[\s\S]*--time-column[\s\S]*--amount-column[\s\S]*"kunde", "datum", "summe"/u,
    );
    const columnNames = { customer: "kunde", time: "Datum", amount: "summe", order: null };
    expect(await run(text, { columnNames })).toMatchObject({ accepted: 1 });
    await expect(run(text, { columnNames: { ...columnNames, order: "nr" } })).rejects.toThrow('no column "nr"');
  });
});

describe("an import in clock mode event", () => {
  it("sorts by time, purchases before refunds, with a TICK at the end of every local day", async () => {
    const target = memoryTarget();
    await run("customer,date,amount\nb,1997-01-04,1\na,1997-01-02,-2\na,1997-01-02,2\nc,1997-01-02T23:59:59.999,3\n", {
      target,
      clockMode: "event",
    });
    expect(
      target.items.map((item) =>
        item.type === "tick"
          ? new Date(item.at).toISOString().slice(0, 10)
          : `${item.record.customerId} ${item.record.kind}`,
      ),
    ).toEqual([
      "1997-01-01",
      "a PURCHASE",
      "a REFUND",
      "c PURCHASE",
      "1997-01-02",
      "1997-01-03",
      "b PURCHASE",
      "1997-01-04",
    ]);
    expect(ticks(target.items).every((at) => at.endsWith("T23:59:59.999Z"))).toBe(true);
  });

  it("ends with the last millisecond of the --until day, local days of 23 and 25 hours included", async () => {
    const text = "customer,date,amount\na,2024-10-26 12:00,1\na,2024-10-27T23:59:59.999,2\na,2024-10-28T00:00,3\n";
    const target = memoryTarget();
    const options = { target, clockMode: "event", zone: timeZone("Europe/Berlin") } as const;
    const summary = await run(text, { ...options, untilDay: readDay("2024-10-27") });
    expect(summary).toMatchObject({ rows: 3, accepted: 2, afterUntil: 1, rejected: 0 });
    expect(ticks(target.items)).toEqual([
      "2024-10-25T21:59:59.999Z",
      "2024-10-26T21:59:59.999Z",
      // A day of 25 hours: no event is more than 24 hours ahead of the last TICK.
      "2024-10-26T22:59:59.999Z",
      "2024-10-27T22:59:59.999Z",
    ]);
    const spring = memoryTarget();
    await run("customer,date,amount\na,2024-03-30,1\n", {
      ...options,
      target: spring,
      untilDay: readDay("2024-03-31"),
    });
    expect(ticks(spring.items).at(-1)).toBe("2024-03-31T21:59:59.999Z");
  });

  it("goes on from --until when the whole file is imported later", async () => {
    const rows = Array.from({ length: 400 }, (_, index) => {
      const at = new Date(Date.UTC(2020, 0, 1) + ((index * 37) % 400) * 3_600_000).toISOString();
      return `c${index % 7},${at},${index % 3}`;
    });
    const text = `customer,date,amount\n${rows.join("\n")}\n`;
    const [inTwo, atOnce] = [memoryTarget(), memoryTarget()];
    await run(text, { target: inTwo, clockMode: "event", untilDay: readDay("2020-01-07") });
    expect(await run(text, { target: inTwo, clockMode: "event" })).toMatchObject({ rows: 400, afterUntil: 0 });
    await run(text, { target: atOnce, clockMode: "event" });
    expect(inTwo.items).toEqual(atOnce.items);
    const beyond = await run(text, { target: inTwo, clockMode: "event", untilDay: readDay("2020-02-01") });
    expect(beyond).toMatchObject({ accepted: 0, duplicate: 400 });
    expect(ticks(inTwo.items).at(-1)).toBe("2020-02-01T23:59:59.999Z");
  });

  it("reads a file that leaves out days before 1970 rather than ticking there", async () => {
    const target = memoryTarget();
    await run("customer,date,amount\na,1970-01-01,1\n", { target, clockMode: "event" });
    expect(ticks(target.items)).toEqual(["1970-01-01T23:59:59.999Z"]);
  });
});
