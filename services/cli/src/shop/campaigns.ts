import type { InteractionKind } from "@tidemark/contracts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type ShopFloor } from "./shop-floor.ts";
import type { Shopper } from "./shopper.ts";
import type { Visits } from "./visits.ts";

/**
 * A mail campaign every three weeks to half of the subscribers, each with an experiment of two arms of which the second
 * works better.
 */
export function createCampaigns(floor: ShopFloor, visits: Visits): void {
  const { random } = floor;
  let count = 0;

  function run(at: number): void {
    count += 1;
    const campaign = `campaign-${count}`;
    for (const shopper of floor.shoppers) {
      if (!shopper.isSubscribed || !random.chance(0.5)) continue;
      const arm = random.chance(0.5) ? "control" : "bold";
      floor.later(at + 3 * HOUR_MS * random.uniform(), (when) => expose(shopper, campaign, arm, when));
    }
    floor.later(at + INTERVAL_MS, run);
  }

  function expose(shopper: Shopper, campaign: string, arm: string, at: number): void {
    const interact = (kind: InteractionKind, occurredAt: number): void =>
      floor.emit({
        type: "interaction",
        kind,
        customerId: shopper.customerId,
        occurredAt,
        channel: "mail",
        campaign,
        experiment: `${campaign}-subject`,
        arm,
      });
    interact("CAMPAIGN_EXPOSURE", at);
    if (random.chance(0.004)) {
      shopper.isSubscribed = false;
      floor.later(at + HOUR_MS * random.exponential(), (when) => interact("UNSUBSCRIBE", when));
      return;
    }
    if (!random.chance(shopper.mailOpening * (shopper.isActive ? 1 : 0.4))) return;
    floor.later(at + 5 * HOUR_MS * random.exponential(), (opened) => {
      interact("EMAIL_OPEN", opened);
      if (!random.chance(arm === "bold" ? 0.3 : 0.2)) return;
      floor.later(opened + MINUTE_MS * random.exponential(), (clicked) => {
        interact("EMAIL_CLICK", clicked);
        visits.comeBy(shopper, clicked);
      });
    });
  }

  floor.later(floor.options.startAt + INTERVAL_MS, run);
}

const INTERVAL_MS = 21 * DAY_MS;
