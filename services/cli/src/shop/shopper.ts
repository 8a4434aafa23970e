import type { Random } from "./random.ts";

/** A simulated customer: traits drawn once, and what has become of them. */
export interface Shopper {
  readonly customerId: string;
  /** Visits that mean to buy, a week, at mean demand. */
  readonly intentsPerWeek: number;
  /** Probability of leaving for good after each purchase, all being well. */
  readonly leaving: number;
  /** Mean of the logarithm of a basket in whole units of currency. */
  readonly basketLog: number;
  readonly channel: string;
  readonly category: string;
  readonly segment: string;
  readonly region: string;
  readonly acquisitionChannel: string;
  /** Probability of opening a mail. */
  readonly mailOpening: number;
  isActive: boolean;
  isSubscribed: boolean;
  /** 0 (furious) to 1 (content): moves leaving, reviews and ratings. */
  goodwill: number;
  purchases: number;
}

export function drawShopper(random: Random, customerId: string, purchasesPerWeek: number): Shopper {
  const isBusiness = random.chance(0.12);
  return {
    customerId,
    intentsPerWeek: (Math.max(random.gamma(RATE_SHAPE), 0.01) / RATE_SHAPE) * (purchasesPerWeek / BUYING_SHARE),
    leaving: random.beta(1, 9),
    basketLog: 3.2 + 0.55 * random.normal() + (isBusiness ? 0.8 : 0),
    channel: random.pick(["web", "web", "app", "app", "store", "phone"]),
    category: random.pick(categories),
    segment: isBusiness ? "business" : random.pick(["family", "single", "senior"]),
    region: random.pick(["north", "south", "east", "west"]),
    acquisitionChannel: random.pick(["search", "search", "social", "affiliate", "store"]),
    mailOpening: random.beta(2, 5),
    isActive: true,
    isSubscribed: random.chance(0.8),
    goodwill: 0.85,
    purchases: 0,
  };
}

export const categories = ["books", "garden", "kitchen", "music", "sport", "toys"] as const;

/** Share of the visits that mean to buy and end with a purchase. */
export const BUYING_SHARE = 0.6;
/** Of the gamma distribution of rates: few buy often, many seldom. */
const RATE_SHAPE = 1.1;
