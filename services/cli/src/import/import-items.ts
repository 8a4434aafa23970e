import type { Purchase } from "@tidemark/contracts";
import type { NumberedRow } from "./numbered-rows.ts";
import type { TimeZone } from "./time-zone.ts";

/** What an import sends, in order: purchases, and in clock mode `event` the ticks that move time. */
export type ImportItem =
  | { readonly type: "purchase"; readonly record: Purchase }
  | { readonly type: "tick"; readonly at: number };

export interface PurchaseOptions {
  readonly source: string;
  readonly currency: string;
}

/** The purchase, or refund where the amount is negative, that a row stands for. An amount of 0 is a purchase. */
export function purchaseItem(row: NumberedRow, { source, currency }: PurchaseOptions): ImportItem {
  return {
    type: "purchase",
    record: {
      eventId: row.eventId,
      customerId: row.customerId,
      occurredAt: row.occurredAt,
      source,
      attributes: {},
      kind: row.amountMinor < 0 ? "REFUND" : "PURCHASE",
      orderId: row.orderId === "" ? null : row.orderId,
      amountMinor: Math.abs(row.amountMinor),
      marginMinor: null,
      discountMinor: null,
      currency,
      quantity: null,
      category: null,
      channel: null,
      dueAt: null,
      originalOccurredAt: null,
      acquisitionChannel: null,
      acquisitionCostMinor: null,
    },
  };
}

/**
 * Puts a TICK at the last millisecond of every local day from the first row's to the last row's, or to `untilDay` where
 * that is given and later. Days without rows have theirs too: silence is what the model goes by.
 * @param rows in order of time
 * @param untilDay local day, days since 1970-01-01
 */
export async function* withDailyTicks(
  blocks: AsyncIterable<readonly NumberedRow[]>,
  zone: TimeZone,
  untilDay: number | null,
  toItem: (row: NumberedRow) => ImportItem,
): AsyncGenerator<readonly ImportItem[]> {
  let day: number | null = null;
  let dayEnd = 0;
  for await (const block of blocks) {
    const items: ImportItem[] = [];
    for (const row of block) {
      if (day === null) {
        day = zone.dayOf(row.occurredAt);
        dayEnd = zone.dayEnd(day);
      }
      while (row.occurredAt > dayEnd) {
        items.push({ type: "tick", at: dayEnd });
        const next = nextDay(zone, day, dayEnd);
        [day, dayEnd] = [next.day, next.dayEnd];
      }
      items.push(toItem(row));
    }
    yield items;
  }
  if (day === null) return;
  const closing: ImportItem[] = [{ type: "tick", at: dayEnd }];
  while (untilDay !== null && day < untilDay) {
    const next = nextDay(zone, day, dayEnd);
    [day, dayEnd] = [next.day, next.dayEnd];
    closing.push({ type: "tick", at: dayEnd });
  }
  yield closing;
}

/** The local day after one; where a zone left a day out altogether (Samoa did), the one after that. */
function nextDay(zone: TimeZone, day: number, dayEnd: number): { day: number; dayEnd: number } {
  let next = day + 1;
  let end = zone.dayEnd(next);
  while (end <= dayEnd) {
    next += 1;
    end = zone.dayEnd(next);
  }
  return { day: next, dayEnd: end };
}
