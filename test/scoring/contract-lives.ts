import type { ShopEvent } from "@tidemark/cli";
import { Random } from "../simulation/random.ts";
import { DAY_MS, type LivesOptions, type Turn, turnsOf } from "./shop-lives.ts";

/**
 * The lives of customers with a contract, by the turn as `shopLives` gives them: a third told by the customer record, which is renewed late or
 * never; a third by SUBSCRIBE and RENEW with a term; a third who go on by themselves at a price. They visit, complain, and end it now and
 * then; every fourth buys beside it, from the start or later.
 */
export function contractLives(options: LivesOptions): ReadonlyMap<string, readonly Turn[]> {
  const { seed, customers, startAt, endAt } = options;
  const random = new Random(seed);
  const lives = new Map<string, readonly Turn[]>();
  for (let i = 0; i < customers; i++) {
    const id = `contract-${i}`;
    const beginAt = startAt + Math.floor(random.fraction() * 200 * DAY_MS);
    const events = [
      ...agreements(random, i % 3, beginAt, endAt),
      ...everythingElse(random, i % 4 === 0, beginAt, endAt),
    ];
    const own = events.map((event, j): ShopEvent => ({ ...event, customerId: id, eventId: `${id}-${j}` }) as ShopEvent);
    lives.set(
      id,
      turnsOf(
        own.map((event) => ({ at: event.occurredAt, event })),
        endAt,
      ),
    );
  }
  return lives;
}

/** An event without its ids. */
type Told = Readonly<Record<string, unknown>> & { readonly type: string; readonly occurredAt: number };

function agreements(random: Random, by: number, beginAt: number, endAt: number): readonly Told[] {
  const events: Told[] = [];
  const tell = (kind: string, occurredAt: number, fields: object = {}): void => {
    events.push({ type: "interaction", kind, occurredAt, ...fields });
  };
  const price = { amountMinor: 500 + random.integer(20_000), currency: "USD" };
  const termDays = random.pick([30, 90, 182, 365]);
  if (by === 2) tell("SUBSCRIBE", beginAt, price);
  // Of the others there is nothing to agree anew.
  const agreedUntil = by === 2 ? beginAt : endAt;
  for (let at = beginAt, first = true; at < agreedUntil; first = false) {
    const endsAt = at + termDays * DAY_MS;
    if (by === 0) events.push({ type: "customer", occurredAt: at, contractEndsAt: endsAt });
    else tell(first ? "SUBSCRIBE" : "RENEW", at, { termDays, ...(random.chance(0.7) ? price : {}) });
    if (random.chance(0.25)) break;
    // Agreed anew before the end, or so long after it that the customer was slipping, or lost.
    at = endsAt + Math.floor((random.pick([-5, -1, 2, 20, 200]) + random.fraction()) * DAY_MS);
  }
  if (random.chance(0.5)) {
    const leftAt = beginAt + Math.floor(random.fraction() * 500 * DAY_MS);
    tell("UNSUBSCRIBE", leftAt);
    if (random.chance(0.4)) tell("SUBSCRIBE", leftAt + random.integer(100) * DAY_MS, { ...price, termDays });
  }
  return events;
}

function everythingElse(random: Random, buys: boolean, beginAt: number, endAt: number): readonly Told[] {
  const events: Told[] = [];
  const some = (count: number, event: (occurredAt: number, index: number) => Told): void => {
    for (let i = 0; i < count; i++) events.push(event(beginAt + Math.floor(random.fraction() * (endAt - beginAt)), i));
  };
  some(random.integer(30), (occurredAt) => ({ type: "interaction", kind: "VISIT", occurredAt }));
  some(random.integer(6), (occurredAt) => ({ type: "interaction", kind: "SUPPORT", occurredAt }));
  some(random.integer(4), (occurredAt, i) => {
    return { type: "complaint", kind: "OPENED", occurredAt, complaintId: `k${i}`, severity: 3 };
  });
  if (buys) {
    some(1 + random.integer(12), (occurredAt) => {
      return {
        type: "purchase",
        kind: "PURCHASE",
        occurredAt,
        amountMinor: 500 + random.integer(9_000),
        currency: "USD",
      };
    });
  }
  return events;
}
