import { assert } from "@tidemark/streams";
import { createAgenda } from "./agenda.ts";
import { createAfterSales } from "./after-sales.ts";
import { createCampaigns } from "./campaigns.ts";
import { DEMAND_MAX, demandAt } from "./demand.ts";
import { createRandom } from "./random.ts";
import type { Delivery, ShopEvent } from "./shop-event.ts";
import { HOUR_MS, WEEK_MS, type ShopFloor, type ShopOptions } from "./shop-floor.ts";
import { drawShopper, type Shopper } from "./shopper.ts";
import { createVisits } from "./visits.ts";

/**
 * A simulated shop: its customers' lives as events, in the order in which they arrive, without end. Customers differ
 * (gamma-distributed rates, log-normal baskets), look before they buy, leave after some purchase (the sooner the less
 * content), complain and are or are not made content again, give back, cancel, review, refer; there are campaigns with
 * arms, and seasons, days and hours.
 *
 * The same options give the same events, byte for byte. Memory: the customers, and what is noted for later of each.
 */
export function* createShop(options: ShopOptions): Generator<Delivery, never, void> {
  const random = createRandom(options.seed);
  const agenda = createAgenda();
  const shoppers: Shopper[] = [];
  let outbox: Delivery[] = [];
  let now = options.startAt;
  // Another run of the same seed at another time is other events.
  const idsOfRun = `${options.seed.toString(36)}-${options.startAt.toString(36)}`;
  let idsGiven = 0;

  function deliver(event: ShopEvent): void {
    outbox.push({ deliveredAt: now, event });
  }

  const floor: ShopFloor = {
    options,
    random,
    shoppers,
    later: (at, action) => agenda.note(Math.max(Math.ceil(at), now), action),
    emit(body) {
      const event: ShopEvent = { ...body, eventId: floor.nextId("e") };
      if (random.chance(options.late)) {
        floor.later(now + LATE_MS_MEAN * random.exponential(), () => deliver(event));
        return;
      }
      deliver(event);
      if (random.chance(options.duplicates)) floor.later(now + HOUR_MS * random.exponential(), () => deliver(event));
    },
    arrive(at, referredId) {
      const customerId = referredId ?? `c${String(shoppers.length + 1).padStart(7, "0")}`;
      const shopper = drawShopper(random, customerId, options.purchasesPerWeek);
      shoppers.push(shopper);
      visits.register(shopper, at, referredId !== null);
    },
    nextAt(after, perWeek) {
      let at = after;
      do at += (random.exponential() * WEEK_MS) / (perWeek * DEMAND_MAX);
      while (random.uniform() * DEMAND_MAX > demandAt(at));
      return Math.ceil(at);
    },
    nextId(prefix) {
      idsGiven += 1;
      return `${prefix}${idsOfRun}-${idsGiven}`;
    },
  };
  const afterSales = createAfterSales(floor);
  const visits = createVisits(floor, afterSales);
  createCampaigns(floor, visits);

  for (let i = 0; i < options.customers; i += 1) {
    floor.later(options.startAt + random.uniform() * 4 * WEEK_MS, (at) => floor.arrive(at, null));
  }
  const arrivalsPerWeek = (options.customers * 0.6) / 52;
  const letArrive = (at: number): void => {
    floor.arrive(at, null);
    floor.later(floor.nextAt(at, arrivalsPerWeek), letArrive);
  };
  floor.later(floor.nextAt(options.startAt, arrivalsPerWeek), letArrive);

  for (;;) {
    const next = agenda.next();
    assert(next !== null, "there is always another arrival to come");
    now = next.at;
    next.action(now);
    const deliveries = outbox;
    outbox = [];
    yield* deliveries;
  }
}

/** The deliveries before an instant. */
export function* deliveriesBefore(deliveries: Iterable<Delivery>, endAt: number): Generator<Delivery, void, void> {
  for (const delivery of deliveries) {
    if (delivery.deliveredAt >= endAt) return;
    yield delivery;
  }
}

const LATE_MS_MEAN = 6 * HOUR_MS;
