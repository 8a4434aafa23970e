import { CommandFailed, exitCodes } from "../failure.ts";
import { findColumns, type ColumnNames, type Columns } from "./columns.ts";
import type { Content } from "./content.ts";
import { csvTable } from "./csv-table.ts";
import { lineBlocks, type Line, type RowFault } from "./lines.ts";
import { ndjsonTable } from "./ndjson-table.ts";
import { type PurchaseRow, rowReader } from "./row-reader.ts";
import type { Table } from "./table.ts";
import { timeReader } from "./time-text.ts";
import { DAY_MS, type TimeZone, timeZone } from "./time-zone.ts";

/** A file of purchases of which the header is read, and nothing else yet. */
export interface PurchaseTable {
  readonly columns: Columns;
  readonly names: FoundColumnNames;
  /** In file order; read once. */
  readonly blocks: Table["blocks"];
}

/** A file of purchases. */
export interface PurchaseRows extends Pick<PurchaseTable, "columns" | "names"> {
  /** The rows in file order, in blocks; read once. */
  readonly blocks: AsyncIterable<readonly ReadRow[]>;
}

/** What the file calls the columns that are read; null = there is none. */
export type FoundColumnNames = Readonly<Record<keyof ColumnNames, string | null>>;

/** A row understood, or why not. */
export interface ReadRow {
  readonly line: number;
  readonly row: PurchaseRow | RowFault;
}

/** How a row's cells are understood. */
export interface RowRules {
  /** ISO 4217, of all amounts. */
  readonly currency: string;
  /** See `compileTimePattern`; null = the common forms. */
  readonly timePattern: string | null;
  readonly zone: TimeZone;
  /** The time of this machine, ms since the epoch: what is far ahead of it is no purchase. */
  readonly now: number;
}

export interface PurchaseRowsOptions extends RowRules {
  readonly columnNames: ColumnNames;
}

/**
 * Opens a file of purchases, CSV or NDJSON, and reads its header: all that can be wrong with the file as a whole.
 * @throws CommandFailed (usage) for a file without a header, or whose columns are not those wanted
 */
export async function openPurchaseTable(content: Content, columnNames: ColumnNames): Promise<PurchaseTable> {
  const table = await openTable(lineBlocks(content.chunks()));
  const columns = findColumns(table.columns, columnNames);
  return { columns, names: namesOf(table.columns, columns), blocks: table.blocks };
}

/** Its rows, in blocks and in file order. */
export async function* purchaseRows(
  { columns, blocks }: PurchaseTable,
  { currency, timePattern, zone, now }: RowRules,
): AsyncGenerator<readonly ReadRow[]> {
  const readRow = rowReader({
    columns,
    readTime: timeReader(zone, timePattern),
    currency,
    latestAt: now + FUTURE_MS_MAX,
  });
  for await (const block of blocks) {
    yield block.map((row) => ({ line: row.line, row: row.fault ?? readRow(row.cells) }));
  }
}

/**
 * Opens the rows of a file of purchases, CSV or NDJSON.
 * @throws CommandFailed as {@link openPurchaseTable}
 */
export async function openPurchaseRows(content: Content, options: PurchaseRowsOptions): Promise<PurchaseRows> {
  const table = await openPurchaseTable(content, options.columnNames);
  return { ...table, blocks: purchaseRows(table, options) };
}

/** The bound on event time, counted from the clock of this machine. */
const FUTURE_MS_MAX = 7 * DAY_MS;

/** @throws CommandFailed (usage) if `--time-format` cannot be used */
export function checkTimePattern(pattern: string | undefined): void {
  if (pattern === undefined) return;
  try {
    timeReader(timeZone("UTC"), pattern);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailed(exitCodes.usage, `--time-format ${JSON.stringify(pattern)} cannot be used: ${why}`, {
      cause,
    });
  }
}

/** CSV or NDJSON, told by the first character that is no white space. */
async function openTable(blocks: AsyncGenerator<readonly Line[]>): Promise<Table> {
  const read: Line[] = [];
  let first: Line | undefined;
  while (first === undefined) {
    const next = await blocks.next();
    if (next.done === true) break;
    read.push(...next.value);
    first = next.value.find((line) => line.fault !== undefined || line.text.trim() !== "");
  }
  async function* all(): AsyncGenerator<readonly Line[]> {
    yield read;
    yield* blocks;
  }
  const isJson = first !== undefined && first.fault === undefined && first.text.trimStart().startsWith("{");
  return isJson ? ndjsonTable(all()) : csvTable(all());
}

function namesOf(names: readonly string[], columns: Columns): FoundColumnNames {
  const name = (index: number | null): string | null => (index === null ? null : (names[index] ?? null));
  return {
    customer: name(columns.customer),
    time: name(columns.time),
    amount: name(columns.amount),
    order: name(columns.order),
  };
}
