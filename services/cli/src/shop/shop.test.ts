import { createHash } from "node:crypto";
import { parseInputEvent } from "@tidemark/contracts";
import { describe, expect, it } from "vitest";
import { createShop } from "./shop.ts";
import type { Delivery } from "./shop-event.ts";
import { DAY_MS, type ShopOptions } from "./shop-floor.ts";

const options: ShopOptions = {
  seed: 1,
  customers: 200,
  startAt: Date.UTC(2025, 0, 1),
  currency: "EUR",
  purchasesPerWeek: 0.25,
  duplicates: 0,
  late: 0,
};

function deliveries(change: Partial<ShopOptions>, days: number): Delivery[] {
  const all: Delivery[] = [];
  const until = options.startAt + days * DAY_MS;
  for (const delivery of createShop({ ...options, ...change })) {
    if (delivery.deliveredAt > until) break;
    all.push(delivery);
  }
  return all;
}

function digest(all: readonly Delivery[]): string {
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

describe("the simulated shop", () => {
  it("gives the same bytes for the same seed, on any machine and in any release", () => {
    expect(digest(deliveries({ duplicates: 0.01, late: 0.02 }, 60))).toBe(
      "022df096928ab707ae9e51ae8d8d6b73cda913270f24b2b481b684f96f3a9c6d",
    );
  });

  it("gives other lives for another seed", () => {
    const times = (seed: number): number[] => deliveries({ seed }, 5).map(({ event }) => event.occurredAt);
    expect(times(2)).not.toEqual(times(1));
    expect(times(1 + 2 ** 32)).not.toEqual(times(1));
  });

  it("makes only events that the pipeline accepts, each with an id of its own, in order of time", () => {
    const all = deliveries({}, 400);
    const refused = all.filter(({ event, deliveredAt }) => !parseInputEvent(event, { referenceAt: deliveredAt }).ok);
    expect(refused).toEqual([]);
    expect(new Set(all.map(({ event }) => event.eventId)).size).toBe(all.length);
    const order = all.map(({ deliveredAt }) => deliveredAt);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(all.every(({ event, deliveredAt }) => event.occurredAt <= deliveredAt)).toBe(true);
  });

  it("has everything in it that a shop has", () => {
    const kinds = new Set(deliveries({}, 400).map(({ event }) => ("kind" in event ? event.kind : event.type)));
    expect([...kinds].sort()).toEqual(
      [
        ["CAMPAIGN_EXPOSURE", "CANCELLATION", "CART", "EMAIL_CLICK", "EMAIL_OPEN", "FEEDBACK", "OPENED", "PURCHASE"],
        ["REFERRAL", "REFUND", "REOPENED", "RESOLVED", "REVIEW", "SEARCH", "SUPPORT", "UNSUBSCRIBE", "VISIT"],
        ["WITHDRAWN", "customer"],
      ].flat(),
    );
  });

  it("loses customers: fewer and fewer of the first ones buy", () => {
    const first = new Set(deliveries({}, 28).map(({ event }) => event.customerId));
    const buyers = (all: readonly Delivery[], from: number, to: number): number =>
      new Set(
        all.flatMap(({ event }) =>
          event.type === "purchase" &&
          first.has(event.customerId) &&
          event.occurredAt >= options.startAt + from * DAY_MS &&
          event.occurredAt < options.startAt + to * DAY_MS
            ? [event.customerId]
            : [],
        ),
      ).size;
    const all = deliveries({ customers: 200 }, 728);
    const [early, later] = [buyers(all, 28, 208), buyers(all, 548, 728)];
    expect(early).toBeGreaterThan(100);
    expect(later).toBeGreaterThan(5);
    expect(later).toBeLessThan(early / 2);
  });

  it("sells more before Christmas than in summer", () => {
    const all = deliveries({ customers: 1000 }, 364);
    const sold = (month: number): number =>
      all.filter(({ event }) => event.type === "purchase" && new Date(event.occurredAt).getUTCMonth() === month).length;
    expect(sold(11)).toBeGreaterThan(1.2 * sold(7));
  });

  it("delivers the share of events twice and late that was asked for", () => {
    const all = deliveries({ duplicates: 0.1, late: 0.2 }, 100);
    const late = all.filter(({ event, deliveredAt }) => deliveredAt - event.occurredAt > 6 * 3_600_000).length;
    const twice = all.length - new Set(all.map(({ event }) => event.eventId)).size;
    expect(twice / all.length).toBeGreaterThan(0.06);
    expect(twice / all.length).toBeLessThan(0.1);
    expect(late / all.length).toBeGreaterThan(0.05);
    expect(late / all.length).toBeLessThan(0.12);
  });
});
