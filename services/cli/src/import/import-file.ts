import { hash } from "node:crypto";
import type { ImportItem, ImportTarget } from "@tidemark/gateway";
import { assert, type Clock } from "@tidemark/streams";
import type { Content } from "./content.ts";
import { customerCounter } from "./customer-count.ts";
import { deliver } from "./deliver.ts";
import { purchaseItem, withDailyTicks } from "./import-items.ts";
import { rowNumbering, type NumberedRow, type PlacedRow, type RowNumbering } from "./numbered-rows.ts";
import type { Progress } from "./progress.ts";
import { type FoundColumnNames, type PurchaseTable, purchaseRows } from "./purchase-rows.ts";
import type { Rejects } from "./rejects.ts";
import type { PurchaseRow } from "./row-reader.ts";
import type { TimeZone } from "./time-zone.ts";

export interface ImportOptions {
  /** ISO 4217, of all amounts. */
  readonly currency: string;
  /** See `compileTimePattern`; null = the common forms. */
  readonly timePattern: string | null;
  readonly zone: TimeZone;
  /** Last local day taken, days since 1970-01-01; null = all. */
  readonly untilDay: number | null;
  readonly source: string;
  /** `event`: rows are put in time order and TICKs between them. `wall`: file order, no TICKs. */
  readonly clockMode: "wall" | "event";
}

export interface ImportSurroundings {
  readonly content: Content;
  /** Of the content. */
  readonly table: PurchaseTable;
  readonly target: ImportTarget;
  readonly rejects: Rejects;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For what does not fit in memory; emptied again. */
  readonly directory: string;
  /** Told once which columns are read. */
  onColumns(columns: FoundColumnNames): void;
  /** Told of every row that is taken, in the order of the file. */
  onTaken?(row: PurchaseRow): void;
  /** Called when all rows are read: nothing is sent before it resolves. */
  onRead?(): Promise<void>;
}

/** The result that `import --json` prints. `rows` is the sum of the four counts after it. */
export interface ImportSummary {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly afterUntil: number;
  readonly rejected: number;
  /** Distinct customers of the rows accepted or duplicate, and the times of the first and last of them, ISO 8601 UTC. */
  readonly customers: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly seconds: number;
}

/**
 * Imports a file of purchases: read and check each row, sort what must be sorted, give ids, send from where an earlier
 * attempt stopped. The file is read once and nothing is sent before its end, since the ledger goes by its digest.
 * @throws CommandFailed for a file that cannot be used at all; whatever the target rejects with
 */
export async function importFile(options: ImportOptions, surroundings: ImportSurroundings): Promise<ImportSummary> {
  const { content, target, rejects, progress, clock, signal, directory } = surroundings;
  const startedAt = clock.monotonic();
  const { source, currency, clockMode } = options;
  const order = clockMode === "event" ? "time" : "file";
  const numbering = rowNumbering({ order, source, currency, directory, bytesMax: SORT_BYTES_MAX });
  try {
    progress.stage("reading", content.bytes, "MB");
    const read = await readRows(options, surroundings, numbering);
    await rejects.close();
    progress.stop();
    await surroundings.onRead?.();

    progress.stage("storing", null, "items");
    const rows = numbering.rows();
    const delivered = await deliver(itemBlocks(rows, options), {
      target,
      digest: ledgerKey(options, surroundings, read),
      // In time order a later `--until` can make the sequence longer; in file order nothing can.
      isFinal: clockMode === "wall",
      signal,
      onProgress: (itemsDone) => progress.update(itemsDone),
    });
    assert(delivered.accepted + delivered.duplicate === read.rowsTaken, "every row taken is sent or was sent before");

    return {
      rows: read.rowsTaken + read.afterUntil + rejects.count,
      ...delivered,
      afterUntil: read.afterUntil,
      rejected: rejects.count,
      customers: read.customers,
      firstAt: read.rowsTaken === 0 ? null : new Date(read.firstAt).toISOString(),
      lastAt: read.rowsTaken === 0 ? null : new Date(read.lastAt).toISOString(),
      seconds: Math.round(clock.monotonic() - startedAt) / 1000,
    };
  } finally {
    progress.stop();
    await numbering.close();
    await rejects.close();
  }
}

/** Of each of the two sorters; a sorter's buffers may be twice that while they grow, so 64 MiB in all. */
const SORT_BYTES_MAX = 16 * 1024 * 1024;

interface RowsRead {
  readonly rowsTaken: number;
  readonly afterUntil: number;
  readonly customers: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

async function readRows(
  options: ImportOptions,
  surroundings: ImportSurroundings,
  numbering: RowNumbering,
): Promise<RowsRead> {
  const { content, table, rejects, progress, clock, signal } = surroundings;
  const { zone } = options;
  const lastTakenAt = options.untilDay === null ? Infinity : zone.dayEnd(options.untilDay);

  surroundings.onColumns(table.names);

  const customers = customerCounter();
  let [rowsTaken, afterUntil, firstAt, lastAt] = [0, 0, Infinity, -Infinity];
  for await (const block of purchaseRows(table, { ...options, now: clock.now() })) {
    signal.throwIfAborted();
    const taken: PlacedRow[] = [];
    for (const { line, row } of block) {
      if ("code" in row) {
        rejects.add(line, row);
      } else if (row.occurredAt > lastTakenAt) {
        afterUntil += 1;
      } else {
        taken.push({ row, line });
        customers.add(row.customerId);
        surroundings.onTaken?.(row);
        firstAt = Math.min(firstAt, row.occurredAt);
        lastAt = Math.max(lastAt, row.occurredAt);
      }
    }
    rowsTaken += taken.length;
    await numbering.add(taken);
    await rejects.flush();
    progress.update(content.bytesRead());
  }
  return { rowsTaken, afterUntil, customers: customers.count, firstAt, lastAt };
}

function itemBlocks(
  rows: AsyncIterable<readonly NumberedRow[]>,
  options: ImportOptions,
): AsyncGenerator<readonly ImportItem[]> {
  const toItem = (row: NumberedRow): ImportItem => purchaseItem(row, options);
  return options.clockMode === "event" ? withDailyTicks(rows, options.zone, options.untilDay, toItem) : plain();

  async function* plain(): AsyncGenerator<readonly ImportItem[]> {
    for await (const block of rows) yield block.map(toItem);
  }
}

/**
 * What the ledger knows an import by: the file's digest with everything that decides the sequence of items. In time
 * order a later `--until`, or a row no longer in the future, only makes the sequence longer, and the import goes on
 * where it stopped; in file order such rows lie between the others, and their number makes it another import.
 */
function ledgerKey(options: ImportOptions, { content, table }: ImportSurroundings, read: RowsRead): string {
  const { currency, timePattern, zone, source, clockMode } = options;
  const { customer, time, amount, order } = table.columns;
  const deciding = [
    LEDGER_FORMAT,
    content.digest(),
    [customer, time, amount, order],
    [currency, timePattern, zone.name, source, clockMode],
    clockMode === "wall" ? read.rowsTaken : null,
  ];
  return hash("sha256", JSON.stringify(deciding), "hex");
}

/** To be raised with any change to how rows become items: the same file is then another import. */
const LEDGER_FORMAT = 1;
