import type { Random } from "../simulation/random.ts";

/** An event as `POST /v1/events` takes it. */
export type ShopEvent = {
  readonly eventId: string;
  readonly customerId: string;
  /** ms since the epoch. */
  readonly occurredAt: number;
} & (
  | {
      readonly type: "purchase";
      readonly kind: "PURCHASE" | "REFUND";
      readonly amountMinor: number;
      readonly currency: "EUR";
    }
  | { readonly type: "interaction"; readonly kind: "VISIT" | "SEARCH" | "CART" | "SERVICE_USE" }
  | { readonly type: "complaint"; readonly kind: "OPENED" | "RESOLVED" | "REOPENED"; readonly complaintId: string }
);

/** A base of customers whose events come in no order of time; each event is new. */
export interface ShopEvents {
  readonly customers: readonly string[];
  next(): ShopEvent;
}

const CUSTOMERS = 200;
const DAY_MS = 86_400_000;
const HISTORY_DAYS = 60;

/** @param now ms since the epoch; all events lie before it, none by more than two months */
export function shopEvents(random: Random, now: number, customerCount = CUSTOMERS): ShopEvents {
  const customers = Array.from({ length: customerCount }, (_, index) => `customer-${index}`);
  const complaints: { readonly customerId: string; readonly complaintId: string; stepAt: number; isOpen: boolean }[] =
    [];
  let count = 0;

  function complaint(customerId: string): ShopEvent {
    const eventId = `event-${(count += 1)}`;
    const going = complaints.find((candidate) => candidate.customerId === customerId);
    if (going === undefined || random.chance(0.3)) {
      const stepAt = now - DAY_MS * (1 + random.integer(HISTORY_DAYS));
      const complaintId = `complaint-${count}`;
      complaints.push({ customerId, complaintId, stepAt, isOpen: true });
      return { type: "complaint", kind: "OPENED", eventId, customerId, complaintId, occurredAt: stepAt };
    }
    going.stepAt += 1 + random.integer(3_600_000);
    going.isOpen = !going.isOpen;
    const kind = going.isOpen ? "REOPENED" : "RESOLVED";
    return { type: "complaint", kind, eventId, customerId, complaintId: going.complaintId, occurredAt: going.stepAt };
  }

  return {
    customers,
    next() {
      const customerId = random.pick(customers);
      const drawn = random.fraction();
      if (drawn < 0.15) return complaint(customerId);
      const occurredAt = now - random.integer(HISTORY_DAYS * DAY_MS);
      const event = { eventId: `event-${(count += 1)}`, customerId, occurredAt };
      if (drawn < 0.4) {
        return { ...event, type: "interaction", kind: random.pick(["VISIT", "SEARCH", "CART"] as const) };
      }
      const kind = drawn < 0.48 ? "REFUND" : "PURCHASE";
      return { ...event, type: "purchase", kind, amountMinor: random.integer(20_000), currency: "EUR" };
    },
  };
}
