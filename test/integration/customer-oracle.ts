import type { ShopEvent } from "./shop-events.ts";

/** What must be known of a customer, as `GET /v1/customers/{id}` tells it. */
export interface ExpectedProfile {
  readonly x: number;
  readonly txWeeks: number;
  readonly purchases: number;
  readonly spendMinor: number;
  readonly complaintsOpen: number;
  readonly lastEventAt: string;
}

const DAY_MS = 86_400_000;

/**
 * What a set of events amounts to, whatever their order: it shares no code with the pipeline. An event is in the set once,
 * however often it was sent.
 */
export function expectedProfile(events: readonly ShopEvent[]): ExpectedProfile {
  let [purchases, spendMinor] = [0, 0];
  const days = new Set<number>();
  const complaints = new Map<string, ShopEvent>();
  for (const event of events) {
    if (event.type === "purchase") {
      spendMinor += event.kind === "PURCHASE" ? event.amountMinor : -event.amountMinor;
      if (event.kind === "PURCHASE") {
        purchases += 1;
        days.add(Math.floor(event.occurredAt / DAY_MS));
      }
    }
    if (event.type === "complaint") {
      const newest = complaints.get(event.complaintId);
      if (newest === undefined || newest.occurredAt < event.occurredAt) complaints.set(event.complaintId, event);
    }
  }
  const open = [...complaints.values()].filter(({ kind }) => kind !== "RESOLVED");
  return {
    x: Math.max(0, days.size - 1),
    txWeeks: days.size === 0 ? 0 : (Math.max(...days) - Math.min(...days)) / 7,
    purchases,
    spendMinor,
    complaintsOpen: open.length,
    lastEventAt: new Date(Math.max(...events.map(({ occurredAt }) => occurredAt))).toISOString(),
  };
}
