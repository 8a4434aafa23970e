import { expect, it } from "vitest";
import { systemClock } from "@tidemark/clock";
import { feed } from "./feed.ts";
import type { Delivery, ShopEvent } from "./shop-event.ts";

function delivery(deliveredAt: number): Delivery {
  return {
    deliveredAt,
    event: { type: "customer", eventId: `e${deliveredAt}`, customerId: "c", occurredAt: deliveredAt },
  };
}

/** Time passes only by sleeping. */
function steppedClock(stepMs: number) {
  let now = 0;
  return {
    ...systemClock(),
    now: () => now,
    sleep: async () => {
      now += stepMs;
    },
  };
}

it("sends each event when it is due and never before, what is overdue at once and in batches", async () => {
  const sent: { at: number; events: number[] }[] = [];
  const clock = steppedClock(100);
  await feed({
    deliveries: [-5, -4, -3, 0, 100, 101, 350].map(delivery)[Symbol.iterator](),
    clock,
    batchMax: 3,
    signal: new AbortController().signal,
    send: async (events: readonly ShopEvent[]) => {
      sent.push({ at: clock.now(), events: events.map((event) => event.occurredAt) });
    },
    onSent: async () => {},
  });
  expect(sent).toEqual([
    { at: 0, events: [-5, -4, -3] },
    { at: 0, events: [0] },
    { at: 100, events: [100] },
    { at: 200, events: [101] },
    { at: 400, events: [350] },
  ]);
});

it("counts as sent only what was sent, and stops when told", async () => {
  const stop = new AbortController();
  const counts: number[] = [];
  await feed({
    deliveries: Array.from({ length: 10 }, (_, index) => delivery(index))[Symbol.iterator](),
    clock: steppedClock(1000),
    batchMax: 4,
    signal: stop.signal,
    send: async () => {
      if (counts.length === 1) stop.abort();
    },
    onSent: async (count) => {
      counts.push(count);
    },
  });
  expect(counts).toEqual([1, 5]);
});
