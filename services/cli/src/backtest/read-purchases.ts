import { basename } from "node:path";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { openContent } from "../import/content.ts";
import { progressOf } from "../import/progress.ts";
import { checkTimePattern, openPurchaseRows } from "../import/purchase-rows.ts";
import { rejectsFile } from "../import/rejects.ts";
import { timeZone } from "../import/time-zone.ts";
import type { Settings } from "../settings.ts";
import { type PurchaseDays, purchaseDaysBuilder } from "./purchase-days.ts";

/** How a file of purchases is read: the options that `fit` and `backtest` have in common. */
export interface PurchaseFileOptions {
  readonly customerColumn?: string;
  readonly timeColumn?: string;
  readonly amountColumn?: string;
  readonly timeFormat?: string;
  readonly rejects?: string;
}

export interface PurchaseFile {
  /** The file's name without its folder. */
  readonly name: string;
  readonly days: PurchaseDays;
  /** ISO 4217, of all amounts. */
  readonly currency: string;
  readonly rows: number;
  /** Rows with a negative amount: no purchases. */
  readonly refunds: number;
  readonly rejected: number;
}

/**
 * Reads the purchase days of a file, in one pass; rows that cannot be read are listed in the rejects file.
 * @throws CommandFailed for a file that cannot be used, or that holds no purchase
 */
export async function readPurchases(
  path: string,
  options: PurchaseFileOptions,
  settings: Settings,
  context: CommandContext,
): Promise<PurchaseFile> {
  checkTimePattern(options.timeFormat);
  const currency = settings.TIDEMARK_CURRENCY ?? "EUR";
  const zone = timeZone(settings.TIDEMARK_TIME_ZONE ?? "UTC");
  const console = consoleOf(context);
  const content = await openContent(path, context.stdin);
  const name = basename(content.name);
  const rejectsPath = options.rejects ?? `${name}.rejects.csv`;
  const rejects = rejectsFile(rejectsPath);
  const progress = progressOf(context);
  const builder = purchaseDaysBuilder();
  let [rows, refunds] = [0, 0];
  try {
    progress.stage("reading", content.bytes, "MB");
    const { names, blocks } = await openPurchaseRows(content, {
      columnNames: {
        customer: options.customerColumn ?? null,
        time: options.timeColumn ?? null,
        amount: options.amountColumn ?? null,
        order: null,
      },
      currency,
      timePattern: options.timeFormat ?? null,
      zone,
      now: context.clock.now(),
    });
    console.note(
      `reading customers from "${names.customer}", times from "${names.time}", amounts from "${names.amount}"`,
    );
    for await (const block of blocks) {
      context.signal.throwIfAborted();
      rows += block.length;
      for (const { line, row } of block) {
        if ("code" in row) rejects.add(line, row);
        else if (row.amountMinor < 0) refunds += 1;
        else builder.add(row.customerId, zone.dayOf(row.occurredAt), row.amountMinor);
      }
      await rejects.flush();
      progress.update(content.bytesRead());
    }
  } finally {
    progress.stop();
    await rejects.close();
  }
  if (rejects.count > 0) {
    console.note(`${rejects.count} of ${rows} rows were rejected: ${rejectsPath} says which, and why`);
  }
  const days = builder.build();
  if (days.customers === 0) {
    throw new CommandFailed(
      exitCodes.usage,
      `${name} holds no purchase: ${emptyBecause(rows, refunds, rejects.count)}`,
    );
  }
  return { name, days, currency, rows, refunds, rejected: rejects.count };
}

function emptyBecause(rows: number, refunds: number, rejected: number): string {
  if (rows === 0) return "it has no rows below its header";
  return `of ${rows} rows ${rejected} were rejected and ${refunds} are refunds (amounts below 0)`;
}
