import { DAY_MS, HOUR_MS, type ShopFloor } from "./shop-floor.ts";
import type { Shopper } from "./shopper.ts";

export interface Order {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly occurredAt: number;
}

/** What a purchase is followed by: going back on it, trouble, opinions, recommendation. */
export interface AfterSales {
  follow(shopper: Shopper, order: Order): void;
}

export function createAfterSales(floor: ShopFloor): AfterSales {
  const { random, options } = floor;
  const days = (mean: number): number => mean * DAY_MS * random.exponential();

  function follow(shopper: Shopper, order: Order): void {
    const bought = order.occurredAt;
    if (random.chance(0.015)) {
      floor.later(bought + HOUR_MS + days(0.3), (at) => giveBack(shopper, order, "CANCELLATION", at));
      return;
    }
    if (random.chance(0.04)) floor.later(bought + days(6), (at) => giveBack(shopper, order, "REFUND", at));
    if (random.chance(0.05)) floor.later(bought + days(3), (at) => complain(shopper, at));
    if (random.chance(0.04)) floor.later(bought + days(2), (at) => askForHelp(shopper, at));
    if (random.chance(0.08)) floor.later(bought + days(8), (at) => review(shopper, at));
    if (random.chance(0.06)) floor.later(bought + 3 * DAY_MS, (at) => rate(shopper, at));
    if (random.chance(0.03 * shopper.goodwill)) floor.later(bought + days(10), (at) => refer(shopper, at));
  }

  function giveBack(shopper: Shopper, order: Order, kind: "REFUND" | "CANCELLATION", at: number): void {
    const isPart = kind === "REFUND" && random.chance(0.4);
    floor.emit({
      type: "purchase",
      kind,
      customerId: shopper.customerId,
      occurredAt: at,
      orderId: order.orderId,
      originalOccurredAt: order.occurredAt,
      amountMinor: isPart ? Math.ceil(order.amountMinor / 2) : order.amountMinor,
      currency: options.currency,
    });
  }

  /**
   *   opened ──▶ withdrawn
   *      └─────▶ resolved, content or not ──▶ reopened ──▶ resolved
   *      └─────▶ never resolved
   */
  function complain(shopper: Shopper, at: number): void {
    const complaint = { type: "complaint", customerId: shopper.customerId, complaintId: floor.nextId("k") } as const;
    const severity = 1 + random.index(5);
    const category = random.pick(["delivery", "delivery", "quality", "billing", "service"]);
    floor.emit({ ...complaint, kind: "OPENED", occurredAt: at, severity, category });
    shopper.goodwill = Math.max(0, shopper.goodwill - 0.1 * severity);
    if (random.chance(0.12)) {
      floor.later(at + days(2), (when) => floor.emit({ ...complaint, kind: "WITHDRAWN", occurredAt: when }));
      return;
    }
    if (random.chance(0.15)) {
      if (random.chance(0.6)) shopper.isActive = false;
      return;
    }
    floor.later(at + days(1.5 + severity), (when) => resolve(true, when));

    function resolve(mayReopen: boolean, when: number): void {
      const satisfied = random.chance(0.65);
      floor.emit({ ...complaint, kind: "RESOLVED", occurredAt: when, satisfied });
      if (satisfied) {
        shopper.goodwill = Math.min(1, shopper.goodwill + 0.1 * severity);
      } else if (mayReopen && random.chance(0.3)) {
        floor.later(when + days(2), (again) => {
          floor.emit({ ...complaint, kind: "REOPENED", occurredAt: again });
          floor.later(again + days(4), (end) => resolve(false, end));
        });
      } else if (random.chance(0.4)) {
        shopper.isActive = false;
      }
    }
  }

  /** Told when the answer is given, so that it can say when. */
  function askForHelp(shopper: Shopper, at: number): void {
    floor.later(at + HOUR_MS * random.exponential() * 3, (respondedAt) =>
      floor.emit({
        type: "interaction",
        kind: "SUPPORT",
        customerId: shopper.customerId,
        occurredAt: at,
        respondedAt,
        channel: random.pick(["phone", "mail", "chat"]),
      }),
    );
  }

  function review(shopper: Shopper, at: number): void {
    const sentiment = Math.max(-1, Math.min(1, 2 * shopper.goodwill - 1 + 0.4 * random.normal()));
    floor.emit({
      type: "interaction",
      kind: "REVIEW",
      customerId: shopper.customerId,
      occurredAt: at,
      sentiment: Math.round(sentiment * 100) / 100,
      channel: "web",
    });
  }

  function rate(shopper: Shopper, at: number): void {
    const rating = Math.round(10 * shopper.goodwill + 1.5 * random.normal());
    floor.emit({
      type: "interaction",
      kind: "FEEDBACK",
      customerId: shopper.customerId,
      occurredAt: at,
      scale: "NPS",
      rating: Math.max(0, Math.min(10, rating)),
    });
  }

  /** Who comes of it has the id by which they were referred. */
  function refer(shopper: Shopper, at: number): void {
    const referredCustomerId = floor.nextId("r");
    const referral = {
      type: "interaction",
      kind: "REFERRAL",
      customerId: shopper.customerId,
      referredCustomerId,
    } as const;
    floor.emit({ ...referral, occurredAt: at, converted: false });
    if (!random.chance(0.4)) return;
    floor.later(at + days(10), (when) => {
      floor.arrive(when, referredCustomerId);
      floor.emit({ ...referral, occurredAt: when, converted: true });
    });
  }

  return { follow };
}
