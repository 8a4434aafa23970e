import type { InteractionKind } from "@tidemark/contracts";
import type { AfterSales } from "./after-sales.ts";
import { DAY_MS, MINUTE_MS, type ShopFloor } from "./shop-floor.ts";
import { BUYING_SHARE, categories, type Shopper } from "./shopper.ts";

/** Coming, looking and buying. */
export interface Visits {
  /** Makes a new shopper known; the first purchase follows, and all later ones by themselves. */
  register(shopper: Shopper, at: number, referred: boolean): void;
  /** One visit more than the shopper's own, as after a campaign. */
  comeBy(shopper: Shopper, at: number): void;
}

export function createVisits(floor: ShopFloor, afterSales: AfterSales): Visits {
  const { random, options } = floor;

  function register(shopper: Shopper, at: number, referred: boolean): void {
    const acquisitionChannel = referred ? "referral" : shopper.acquisitionChannel;
    floor.emit({
      type: "customer",
      customerId: shopper.customerId,
      occurredAt: at,
      segment: shopper.segment,
      region: shopper.region,
      acquisitionChannel,
    });
    visit(shopper, at, true);
    floor.later(floor.nextAt(at, shopper.intentsPerWeek), (next) => intend(shopper, next));
  }

  /** A visit that means to buy; those who have left look in a last time or two, and no more. */
  function intend(shopper: Shopper, at: number): void {
    visit(shopper, at, shopper.isActive && random.chance(BUYING_SHARE));
    if (!shopper.isActive && !random.chance(0.3)) return;
    floor.later(floor.nextAt(at, shopper.intentsPerWeek), (next) => intend(shopper, next));
  }

  function visit(shopper: Shopper, at: number, willBuy: boolean): void {
    interact(shopper, "VISIT", at);
    let then = at;
    const after = (minutesMean: number, action: (at: number) => void): void => {
      then += MINUTE_MS * minutesMean * random.exponential();
      floor.later(then, action);
    };
    const searches = random.index(3);
    for (let i = 0; i < searches; i += 1) after(2, (when) => interact(shopper, "SEARCH", when));
    if (willBuy || random.chance(0.15)) after(5, (when) => interact(shopper, "CART", when));
    if (willBuy) after(4, (when) => buy(shopper, when));
  }

  function interact(shopper: Shopper, kind: InteractionKind, at: number): void {
    floor.emit({
      type: "interaction",
      kind,
      customerId: shopper.customerId,
      occurredAt: at,
      channel: shopper.channel,
    });
  }

  function buy(shopper: Shopper, at: number): void {
    const fullMinor = Math.max(100, Math.round(100 * Math.exp(shopper.basketLog + 0.45 * random.normal())));
    const discountMinor = random.chance(0.2) ? Math.round(fullMinor * 0.1) : 0;
    const order = { orderId: floor.nextId("o"), amountMinor: fullMinor - discountMinor, occurredAt: at };
    const isFirst = shopper.purchases === 0;
    shopper.purchases += 1;
    floor.emit({
      type: "purchase",
      kind: "PURCHASE",
      customerId: shopper.customerId,
      ...order,
      discountMinor,
      currency: options.currency,
      quantity: 1 + random.index(4),
      category: random.chance(0.7) ? shopper.category : random.pick(categories),
      channel: shopper.channel,
      ...(isFirst
        ? { acquisitionChannel: shopper.acquisitionChannel, acquisitionCostMinor: 300 + random.index(900) }
        : {}),
    });
    if (random.chance(Math.min(0.9, shopper.leaving * (1 + 5 * (1 - shopper.goodwill))))) shopper.isActive = false;
    afterSales.follow(shopper, order);
  }

  return {
    register,
    comeBy(shopper, at) {
      if (!shopper.isActive) return;
      floor.later(at + DAY_MS * 0.1 * random.exponential(), (when) =>
        visit(shopper, when, random.chance(BUYING_SHARE)),
      );
    },
  };
}
