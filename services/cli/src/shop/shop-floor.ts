import type { Random } from "./random.ts";
import type { EventBody } from "./shop-event.ts";
import type { Shopper } from "./shopper.ts";

export interface ShopOptions {
  /** Any integer; all that follows depends on it and on nothing else but these options. */
  readonly seed: number;
  /** Customers the shop starts with, who come in its first four weeks. Three fifths as many more come each year. */
  readonly customers: number;
  /** When it opens, ms since the epoch. */
  readonly startAt: number;
  /** ISO 4217, of a currency with two decimals. */
  readonly currency: string;
  /** Purchases a week of a customer who has not left, on the mean. */
  readonly purchasesPerWeek: number;
  /** Share of the events that arrive twice, 0 to 1. */
  readonly duplicates: number;
  /** Share of the events that arrive hours or days after they happened, 0 to 1. */
  readonly late: number;
}

/** What the parts of the shop share. */
export interface ShopFloor {
  readonly options: ShopOptions;
  readonly random: Random;
  readonly shoppers: readonly Shopper[];
  /** Lets something happen later. */
  later(at: number, action: (at: number) => void): void;
  emit(body: EventBody): void;
  /** A new customer comes. @param referredId the id by which another customer referred them; null = by themselves */
  arrive(at: number, referredId: string | null): void;
  /** The next instant of a Poisson process that follows the shop's demand. @param perWeek rate at mean demand */
  nextAt(after: number, perWeek: number): number;
  nextId(prefix: string): string;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;
