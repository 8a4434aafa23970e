import { parseInputEvent } from "@tidemark/contracts";
import type { ProfileEvent } from "@tidemark/scoring";
import { createShop, deliveriesBefore, type ShopEvent } from "@tidemark/cli";
import { Random } from "../simulation/random.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Times in ms since the epoch. */
export interface LivesOptions {
  readonly seed: number;
  /** Whom it starts with; more come to a shop. */
  readonly customers: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** What one customer did that reached the pipeline within one hour, told at its end. */
export interface Turn {
  readonly at: number;
  readonly events: readonly ProfileEvent[];
}

/**
 * The lives of simulated customers by the turn, in whole hours, so that who looks every hour sees what a turn changed at once. What the shop
 * does not have is added: every fifth buys on account and pays late or not at all, some subscribe and renew, of some a customer record says
 * when a contract ends.
 */
export function shopLives(options: LivesOptions): ReadonlyMap<string, readonly Turn[]> {
  const { seed, customers, startAt, endAt } = options;
  const random = new Random(seed);
  const shop = createShop({
    seed,
    customers,
    startAt,
    currency: "USD",
    purchasesPerWeek: 0.25,
    duplicates: 0.01,
    late: 0.02,
  });
  const deliveries: { readonly at: number; readonly event: ShopEvent }[] = [];
  for (const { deliveredAt, event } of deliveriesBefore(shop, endAt)) {
    for (const each of onAccount(event, random)) {
      deliveries.push({ at: Math.max(deliveredAt, each.occurredAt), event: each });
    }
  }
  const lives = new Map<string, readonly Turn[]>();
  for (const [customerId, own] of Map.groupBy(deliveries, ({ event }) => event.customerId)) {
    lives.set(customerId, turnsOf(own, endAt));
  }
  return lives;
}

/** One customer's events by the full hour at or after which they come, in order of time. */
export function turnsOf(
  own: readonly { readonly at: number; readonly event: ShopEvent }[],
  endAt: number,
): readonly Turn[] {
  const turns = Map.groupBy(own, ({ at }) => Math.ceil(at / HOUR_MS) * HOUR_MS);
  return [...turns]
    .map(([at, found]) => ({ at, events: found.map(({ event }) => profileEvent(event)) }))
    .filter(({ at }) => at < endAt)
    .sort((a, b) => a.at - b.at);
}

/** A purchase as the shop has it; or on account, with its payment; or with a contract beside it. */
function onAccount(event: ShopEvent, random: Random): readonly ShopEvent[] {
  if (event.type !== "purchase" || event.kind !== "PURCHASE") return [event];
  const { customerId, eventId, occurredAt, amountMinor, currency, orderId = null } = event;
  const chance = random.integer(100);
  if (chance < 20) {
    const dueAt = occurredAt + 14 * DAY_MS;
    const paidAt = occurredAt + random.integer(60) * DAY_MS;
    const bought = { ...event, dueAt };
    if (chance < 5) return [bought];
    const paid = { customerId, eventId: `${eventId}-paid`, occurredAt: paidAt, amountMinor, currency, orderId };
    return [bought, { ...paid, type: "purchase", kind: "PAYMENT", originalOccurredAt: occurredAt }];
  }
  if (chance < 22) {
    const contract = { type: "interaction", customerId, plan: "basic", termDays: 90 } as const;
    return [event, { ...contract, kind: chance < 21 ? "SUBSCRIBE" : "RENEW", eventId: `${eventId}-term`, occurredAt }];
  }
  if (chance < 24) {
    const contractEndsAt = occurredAt + (random.integer(400) - 50) * DAY_MS;
    return [event, { type: "customer", customerId, eventId: `${eventId}-record`, occurredAt, contractEndsAt }];
  }
  return [event];
}

function profileEvent(event: ShopEvent): ProfileEvent {
  const parsed = parseInputEvent(event, { referenceAt: null });
  if (!parsed.ok) throw new Error(`${parsed.path} ${parsed.message}`);
  return parsed;
}
