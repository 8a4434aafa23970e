import type { InputRefusal, Profile, Purchase } from "@tidemark/contracts";
import { toBaseMinor } from "./currency.ts";
import { addToDay, type DayEntry, packDays, unpackDays } from "./day-list.ts";
import { addDecayed, SPEND_HALF_LIFE_MS } from "./decayed-sum.ts";
import type { Model } from "./model.ts";
import { addOrder, findOrders, orderAt, setOrderState } from "./order-list.ts";
import { refused } from "./outcome.ts";

/**
 * How many purchase days (and days with a refund) are kept one by one. One entry a day, so that they reach back at
 * least so many days: a year and the grace. Older ones are folded into their number, their spend stays in the sums; what
 * comes late for a folded day counts in the sums of spend alone. At most 4.8 kB: sums below 2^52 over so many days are 7
 * bytes each, the days between them 2, the purchases of one 3.
 */
export const DAYS_MAX = 400;

/** Purchase, refund, cancellation or payment. */
export function applyPurchase(profile: Profile, purchase: Purchase, at: number, model: Model): InputRefusal | null {
  const { kind, currency } = purchase;
  const amountMinor = toBaseMinor(purchase.amountMinor, currency, model);
  const marginMinor = purchase.marginMinor === null ? null : toBaseMinor(purchase.marginMinor, currency, model);
  if (amountMinor === null) return refused("NO_RATE", "/currency has no rate to the base currency in the model");
  const largest = Math.max(amountMinor, Math.abs(marginMinor ?? 0));
  const sums = Math.max(profile.grossMinor, profile.refundMinor, profile.paidMinor, Math.abs(profile.marginMinor));
  if (largest > CONVERTED_MINOR_MAX || sums + largest > SUM_MINOR_MAX) {
    return refused("SUM_OUT_OF_RANGE", "/amountMinor makes a sum too large to be exact");
  }
  const sale = { orderId: purchase.orderId, at, amountMinor, marginMinor };
  switch (kind) {
    case "PURCHASE":
      buy(profile, sale, purchase.occurredAt, model);
      return null;
    case "REFUND":
      refund(profile, sale, model);
      return null;
    case "CANCELLATION":
      return cancel(profile, sale, purchase.originalOccurredAt, model);
    case "PAYMENT":
      profile.payments++;
      profile.paidMinor += amountMinor;
      return null;
    case "UNKNOWN":
      return refused("UNKNOWN_SYMBOL", "/kind is newer than this reader");
  }
  return kind satisfies never;
}

/** A converted amount; it must fit 6 bytes. */
const CONVERTED_MINOR_MAX = 1e14;
/** Sums up to here are exact and can be encoded. */
const SUM_MINOR_MAX = 2 ** 52;

/** What is added to a profile or taken from it, in the base currency. */
interface Sale {
  readonly orderId: string | null;
  readonly at: number;
  readonly amountMinor: number;
  readonly marginMinor: number | null;
}

function buy(profile: Profile, sale: Sale, occurredAt: number, model: Model): void {
  for (const index of findOrders(profile, sale.orderId, occurredAt)) {
    const { hasOrder, state } = orderAt(profile, index);
    const byOrder = hasOrder && sale.orderId !== null;
    if (byOrder ? state !== "LIVE" : state === "AWAITED") {
      // Cancelled before it came.
      if (!byOrder) setOrderState(profile, index, "CANCELLED");
      return;
    }
  }
  const { orderId, at, amountMinor, marginMinor } = sale;
  addOrder(profile, orderId, { at, amountMinor, marginMinor, state: "LIVE" });
  addSale(profile, sale, 1, model);
}

function cancel(profile: Profile, event: Sale, originalAt: number | null, model: Model): InputRefusal | null {
  if (originalAt === null) return refused("MISSING_FIELD", "/originalOccurredAt is needed by a CANCELLATION");
  const { orderId } = event;
  profile.cancellations++;
  const found = findOrders(profile, orderId, originalAt);
  const live = found.filter((index) => orderAt(profile, index).state === "LIVE");
  for (const index of orderId === null ? live.slice(0, 1) : live) {
    setOrderState(profile, index, "CANCELLED");
    addSale(profile, { ...orderAt(profile, index), orderId }, -1, model);
  }
  const known = orderId === null ? live.length > 0 : found.length > 0;
  if (known) return null;
  // The purchase has left the list of orders, or has not come yet.
  const left = originalAt <= profile.ordersThrough;
  if (left) takeBackOld(profile, { ...event, at: originalAt }, model);
  addOrder(profile, orderId, {
    at: originalAt,
    amountMinor: 0,
    marginMinor: null,
    state: left ? "CANCELLED" : "AWAITED",
  });
  return null;
}

/** Takes back a purchase of which only the day is known: the amount is what the cancellation says. */
function takeBackOld(profile: Profile, event: Sale, model: Model): void {
  const day = model.calendar.dayOf(event.at);
  const entry = unpackDays(profile.days).find((candidate) => candidate.day === day);
  const folded = day <= profile.foldedThrough;
  if (entry === undefined && !folded) return;
  // The last purchase of a day takes the whole of it along, so that no spend stays without a purchase.
  const dayMinor = entry?.amountMinor ?? profile.grossMinor;
  const amountMinor = entry?.count === 1 ? dayMinor : Math.min(event.amountMinor, dayMinor);
  addSale(profile, { ...event, amountMinor }, -1, model);
}

/** Adds a purchase to the sums and its day, or takes it away. */
function addSale(profile: Profile, sale: Sale, sign: 1 | -1, { calendar }: Model): void {
  const { at, amountMinor, marginMinor } = sale;
  profile.purchases += sign;
  profile.grossMinor += sign * amountMinor;
  addMargin(profile, sign * amountMinor, marginMinor === null ? null : sign * marginMinor);
  profile.spendDecayed = addDecayed(profile.spendDecayed, profile.spendAt, sign * amountMinor, at, SPEND_HALF_LIFE_MS);
  if (at > profile.spendAt) profile.spendAt = at;
  if (profile.grossMinor === 0) profile.spendDecayed = 0;

  const day = calendar.dayOf(at);
  if (day <= profile.foldedThrough) return;
  const entries = unpackDays(profile.days);
  if (addToDay(entries, day, sign, sign * amountMinor)) storeDays(profile, entries);
}

function addMargin(profile: Profile, amountMinor: number, marginMinor: number | null): void {
  if (marginMinor === null) return;
  profile.marginMinor += marginMinor;
  profile.marginOfMinor += amountMinor;
}

/** Sets what follows from the purchase days, and folds the oldest beyond the bound. */
function storeDays(profile: Profile, entries: DayEntry[]): void {
  if (profile.foldedDays === 0) {
    const first = entries[0];
    profile.firstDay = first?.day ?? 0;
    profile.firstDayGrossMinor = first?.amountMinor ?? 0;
  }
  profile.purchaseDays = profile.foldedDays + entries.length;
  profile.lastDay = entries.at(-1)?.day ?? profile.foldedThrough;
  while (entries.length > DAYS_MAX) {
    const oldest = entries.shift();
    profile.foldedDays++;
    profile.foldedThrough = oldest?.day ?? profile.foldedThrough;
  }
  profile.days = packDays(entries);
}

function refund(profile: Profile, { at, amountMinor, marginMinor }: Sale, { calendar }: Model): void {
  profile.refunds++;
  profile.refundMinor += amountMinor;
  addMargin(profile, -amountMinor, marginMinor === null ? null : -marginMinor);
  const entries = unpackDays(profile.refundDays);
  addToDay(entries, calendar.dayOf(at), 1, amountMinor);
  if (entries.length > DAYS_MAX) entries.shift();
  profile.refundDays = packDays(entries);
}
