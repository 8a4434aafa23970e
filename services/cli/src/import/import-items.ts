import type { ImportItem } from "@tidemark/gateway";
import type { NumberedRow } from "./numbered-rows.ts";
import { DAY_MS, type TimeZone } from "./time-zone.ts";

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
 * Puts TICKs between the rows: at the end of the local day before the first row, and at the end of every day from then
 * to the last row's, or to `untilDay` where that is given and later. Days without rows have theirs too: silence is what
 * the model goes by. The TICK before the first row is for the bound on events ahead of time, which counts from the last
 * TICK: without it a second file that begins a month after the first would be refused.
 * @param blocks rows in order of time
 * @param untilDay local day, days since 1970-01-01
 */
export async function* withDailyTicks(
  blocks: AsyncIterable<readonly NumberedRow[]>,
  zone: TimeZone,
  untilDay: number | null,
  toItem: (row: NumberedRow) => ImportItem,
): AsyncGenerator<readonly ImportItem[]> {
  let ticks: Iterator<DailyTick, never> | null = null;
  let next: DailyTick | null = null;
  for await (const block of blocks) {
    const items: ImportItem[] = [];
    for (const row of block) {
      if (ticks === null) {
        ticks = dailyTicks(zone, zone.dayOf(row.occurredAt) - 1);
        next = ticks.next().value;
      }
      while (next !== null && next.at < row.occurredAt) {
        if (next.at >= 0) items.push({ type: "tick", at: next.at });
        next = ticks.next().value;
      }
      items.push(toItem(row));
    }
    yield items;
  }
  if (ticks === null || next === null) return;
  const closing: ImportItem[] = [];
  const lastDay = Math.max(next.day, untilDay ?? next.day);
  for (; next.day <= lastDay; next = ticks.next().value) closing.push({ type: "tick", at: next.at });
  yield closing;
}

interface DailyTick {
  readonly day: number;
  readonly at: number;
}

/**
 * The last millisecond of each local day, from one day on. A day of more than 24 hours has another TICK 24 hours before
 * its end, so that its last hour is no more than a day ahead of the last TICK, where event times would be clamped.
 */
function* dailyTicks(zone: TimeZone, dayFirst: number): Generator<DailyTick, never, void> {
  let end = zone.dayEnd(dayFirst - 1);
  for (let day = dayFirst; ; day += 1) {
    const endBefore = end;
    end = zone.dayEnd(day);
    // A day that a zone left out altogether (Samoa did) ends no later than the one before.
    if (end <= endBefore) continue;
    if (end - endBefore > DAY_MS) yield { day, at: end - DAY_MS };
    yield { day, at: end };
  }
}
