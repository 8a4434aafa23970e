import { basename } from "node:path";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { type Content, openContent } from "../import/content.ts";
import { progressOf } from "../import/progress.ts";
import {
  checkTimePattern,
  openPurchaseRows,
  type PurchaseRows,
  type PurchaseRowsOptions,
} from "../import/purchase-rows.ts";
import { rejectsFile } from "../import/rejects.ts";
import { timeZone } from "../import/time-zone.ts";
import type { Settings } from "@tidemark/installation";
import { type PurchaseDays, purchaseDaysBuilder } from "./purchase-days.ts";
import { counted } from "./words.ts";

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
  const rejects = rejectsFile(rejectsPath, content.name);
  const progress = progressOf(context);
  const builder = purchaseDaysBuilder();
  // As many as there are ways to be wrong.
  const reasons = new Map<string, number>();
  let [rows, refunds] = [0, 0];
  try {
    const { names, blocks } = await opened(content, {
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
    progress.stage("reading", content.bytes, "MB");
    for await (const block of blocks) {
      context.signal.throwIfAborted();
      rows += block.length;
      for (const { line, row } of block) {
        if ("code" in row) {
          rejects.add(line, row);
          reasons.set(row.reason, (reasons.get(row.reason) ?? 0) + 1);
        } else if (row.amountMinor < 0) refunds += 1;
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
    console.note(
      `${rejects.count} of ${rows} rows were rejected: ${rejectsPath} says which, and why; ${mostOften(reasons)}`,
    );
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

/** @throws CommandFailed as {@link openPurchaseRows}, with advice where an amount is to be multiplied first */
async function opened(content: Content, options: PurchaseRowsOptions): Promise<PurchaseRows> {
  try {
    return await openPurchaseRows(content, options);
  } catch (error) {
    if (!(error instanceof CommandFailed && COUNTED_GOODS.test(error.message))) throw error;
    throw new CommandFailed(error.exitCode, `${error.message}\n${MULTIPLY}`, { cause: error });
  }
}

/** No amount among the columns listed, but a number of pieces. */
const COUNTED_GOODS = /no column looks like the amount[^]*"(quantity|qty|units|pieces)"/iu;
const MULTIPLY =
  "where an amount is quantity times price, add a column of the product first; a price alone, --amount-column PRICE, " +
  "does for the model, not for the ranking by value, and does not tell refunds";

/** The commonest reason, in words. */
function mostOften(reasons: ReadonlyMap<string, number>): string {
  const [[reason, count] = ["", 0]] = [...reasons].toSorted(([, one], [, other]) => other - one);
  return `${reasons.size === 1 ? "all" : `${counted(count)} of them`} because ${reason}`;
}

function emptyBecause(rows: number, refunds: number, rejected: number): string {
  if (rows === 0) return "it has no rows below its header";
  return `of ${rows} rows ${rejected} were rejected and ${refunds} are refunds (amounts below 0)`;
}
