import type { InputRefusal, Profile, Purchase } from "@tidemark/contracts";
import { cancelAccount, openAccount, payAccount, reopenAccount } from "./account-list.ts";
import { chargeCost } from "./cost-to-serve.ts";
import { toBaseMinor } from "./currency.ts";
import { addToDay, appendDay, type DayEntry, packDays, unpackDays } from "./day-list.ts";
import { addDecayed, SPEND_HALF_LIFE_MS } from "./decayed-sum.ts";
import type { Model } from "./model.ts";
import { setTrade, tradeOf } from "./optional-sums.ts";
import {
  addOrder,
  detailAt,
  findOrders,
  NO_DETAIL,
  orderAt,
  type OrderDetail,
  type OrderState,
  setOrderState,
} from "./order-list.ts";
import { refused } from "./outcome.ts";
import { addAtPlace, placeOf, type PurchasePlace } from "./purchase-breadth.ts";
import { addToWeek } from "./week-list.ts";

/**
 * How many purchase days are kept one by one. One entry a day, so that they reach back at
 * least so many days: a year and the grace. Older ones are folded into their number, their spend stays in the sums; what
 * comes late for a folded day counts in the sums of spend alone. At most 4.9 kB, as all bounds of the
 * profile are added up in `profile-bound.test.ts`: sums that add up to less than 2^52 over so many days are 7 bytes each, but for a few, the
 * days between them 2, the purchases of one 3.
 */
export const DAYS_MAX = 400;

/** Purchase, refund, cancellation or payment. */
export function applyPurchase(profile: Profile, purchase: Purchase, at: number, model: Model): InputRefusal | null {
  const { kind, currency } = purchase;
  const amountMinor = toBaseMinor(purchase.amountMinor, currency, model);
  const marginMinor = purchase.marginMinor === null ? null : toBaseMinor(purchase.marginMinor, currency, model);
  if (amountMinor === null) return refused("NO_RATE", "/currency has no rate to the base currency in the model");
  const convert = (minor: number | null): number | null =>
    minor === null ? null : toBaseMinor(minor, currency, model);
  const discountMinor = convert(purchase.discountMinor);
  const acquisitionCostMinor = convert(purchase.acquisitionCostMinor);
  const listMinor = amountMinor + (discountMinor ?? 0);
  const largest = Math.max(listMinor, Math.abs(marginMinor ?? 0), acquisitionCostMinor ?? 0);
  const { discountOfMinor } = tradeOf(profile);
  const sums = Math.max(
    profile.grossMinor,
    profile.refundMinor,
    profile.paidMinor,
    Math.abs(profile.marginMinor),
    discountOfMinor,
  );
  if (largest > CONVERTED_MINOR_MAX || sums + largest > SUM_MINOR_MAX) {
    return refused("SUM_OUT_OF_RANGE", "/amountMinor makes a sum too large to be exact");
  }
  const { orderId } = purchase;
  const sale: Sale = { orderId, at, amountMinor, marginMinor, place: NO_DETAIL.place, discountMinor };
  switch (kind) {
    case "PURCHASE":
      if (acquisitionCostMinor !== null) rememberAcquisition(profile, acquisitionCostMinor, at);
      chargeCost(profile, model.calendar.dayOf(at), model.costOf(kind, purchase.channel));
      buy(profile, sale, purchase, model);
      return null;
    case "REFUND":
      chargeCost(profile, model.calendar.dayOf(at), model.costOf(kind, purchase.channel));
      refund(profile, sale, model);
      return null;
    case "CANCELLATION":
      return cancel(
        profile,
        { ...sale, place: placeOf(profile, purchase, "known") },
        purchase.originalOccurredAt,
        model,
      );
    case "PAYMENT":
      profile.payments++;
      profile.paidMinor += amountMinor;
      if (orderId !== null || purchase.originalOccurredAt !== null) {
        payAccount(profile, { orderId, at: purchase.originalOccurredAt ?? 0 }, amountMinor, at);
      }
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
interface Sale extends OrderDetail {
  readonly orderId: string | null;
  readonly at: number;
  readonly amountMinor: number;
  readonly marginMinor: number | null;
}

function buy(profile: Profile, sale: Sale, purchase: Purchase, model: Model): void {
  const { orderId, at, amountMinor, marginMinor, discountMinor } = sale;
  const key = { orderId, at: purchase.occurredAt };
  const store = (state: OrderState): PurchasePlace => {
    const place = placeOf(profile, purchase, "new");
    addOrder(profile, orderId, { at, amountMinor, marginMinor, state }, { place, discountMinor });
    if (purchase.dueAt !== null) openAccount(profile, key, amountMinor, purchase.dueAt);
    return place;
  };
  for (const index of findOrders(profile, orderId, purchase.occurredAt)) {
    const cancelled = orderAt(profile, index);
    const byOrder = cancelled.hasOrder && orderId !== null;
    if (byOrder ? cancelled.state === "LIVE" : cancelled.state !== "AWAITED") continue;
    // Cancelled before it came.
    const standsIn = cancelled.hasOrder && !byOrder;
    setOrderState(profile, index, standsIn ? "STOOD_IN" : "CANCELLED");
    if (standsIn) {
      store("CANCELLED");
      cancelAccount(profile, key);
    }
    if (cancelled.state === "STOOD_IN") giveBack(profile, cancelled.at, model);
    return;
  }
  const place = store("LIVE");
  addSale(profile, { ...sale, place }, 1, model);
}

/** What was taken back in the place of a purchase that has come by now. */
function giveBack(profile: Profile, at: number, model: Model): void {
  for (const index of findOrders(profile, null, at)) {
    const entry = orderAt(profile, index);
    if (entry.hasOrder || entry.state !== "CANCELLED") continue;
    setOrderState(profile, index, "LIVE");
    addSale(profile, { ...entry, ...detailAt(profile, index), orderId: null }, 1, model);
    reopenAccount(profile, { orderId: null, at });
    return;
  }
}

/** The cost said by the earliest purchase that says one; of two of one instant, the higher. */
function rememberAcquisition(profile: Profile, acquisitionCostMinor: number, at: number): void {
  const before = tradeOf(profile);
  const isFirst =
    before.acquisitionAt === 0 ||
    at < before.acquisitionAt ||
    (at === before.acquisitionAt && acquisitionCostMinor > before.acquisitionCostMinor);
  if (isFirst) setTrade(profile, { acquisitionAt: at, acquisitionCostMinor });
}

function cancel(profile: Profile, event: Sale, originalAt: number | null, model: Model): InputRefusal | null {
  if (originalAt === null) return refused("MISSING_FIELD", "/originalOccurredAt is needed by a CANCELLATION");
  const { orderId } = event;
  profile.cancellations++;
  const found = findOrders(profile, orderId, originalAt);
  const byOrder = orderId !== null && found.some((index) => orderAt(profile, index).hasOrder);
  const live = found.filter((index) => orderAt(profile, index).state === "LIVE");
  for (const index of byOrder ? live : live.slice(0, 1)) {
    setOrderState(profile, index, "CANCELLED");
    addSale(profile, { ...orderAt(profile, index), ...detailAt(profile, index), orderId }, -1, model);
  }
  // Of a known order the time says nothing more: at that time another may have been bought on account.
  cancelAccount(profile, { orderId, at: byOrder ? 0 : originalAt });
  if (byOrder) return null;
  const remember = (state: OrderState): void => {
    addOrder(profile, orderId, { at: originalAt, amountMinor: 0, marginMinor: null, state });
  };
  if (live.length > 0) {
    if (orderId !== null) remember("STOOD_IN");
    return null;
  }
  // The purchase has left the list of orders, or has not come yet.
  const left = originalAt <= profile.ordersThrough && (orderId === null || found.length === 0);
  if (left) takeBackOld(profile, { ...event, at: originalAt }, model);
  remember(left ? "CANCELLED" : "AWAITED");
  return null;
}

/** Takes back a purchase of which only the day is known: the amount is what the cancellation says. */
function takeBackOld(profile: Profile, event: Sale, model: Model): void {
  const day = purchaseDayOf(event.at, model);
  const entry = unpackDays(profile.days).find((candidate) => candidate.day === day);
  const folded = isFolded(profile, day);
  if (entry === undefined && !folded) return;
  // The last purchase of a day takes the whole of it along, so that no spend stays without a purchase.
  const dayMinor = entry?.amountMinor ?? profile.grossMinor;
  const amountMinor = entry?.count === 1 ? dayMinor : Math.min(event.amountMinor, dayMinor);
  addSale(profile, { ...event, amountMinor }, -1, model);
}

/** Adds a purchase to the sums and its day, or takes it away. */
function addSale(profile: Profile, sale: Sale, sign: 1 | -1, model: Model): void {
  const { at, amountMinor, marginMinor, discountMinor, place } = sale;
  const day = purchaseDayOf(at, model);
  profile.purchases += sign;
  profile.grossMinor += sign * amountMinor;
  addMargin(profile, day, sign * amountMinor, marginMinor === null ? null : sign * marginMinor);
  addAtPlace(profile, place, sign, amountMinor, at);
  if (discountMinor !== null) {
    const before = tradeOf(profile);
    setTrade(profile, {
      discountMinor: before.discountMinor + sign * discountMinor,
      discountOfMinor: before.discountOfMinor + sign * (amountMinor + discountMinor),
    });
  }
  profile.spendDecayed = addDecayed(profile.spendDecayed, profile.spendAt, sign * amountMinor, at, SPEND_HALF_LIFE_MS);
  profile.ordersDecayed = addDecayed(profile.ordersDecayed, profile.spendAt, sign, at, SPEND_HALF_LIFE_MS);
  if (at > profile.spendAt) profile.spendAt = at;
  if (profile.grossMinor === 0) profile.spendDecayed = 0;
  if (profile.purchases === 0) profile.ordersDecayed = 0;

  if (isFolded(profile, day)) return;
  const { days, lastDay } = profile;
  if (sign > 0 && days.length > 0 && day > lastDay && profile.purchaseDays - profile.foldedDays < DAYS_MAX) {
    // The usual case: a day after all others, of which nothing else changes.
    profile.days = appendDay(days, lastDay, { day, count: 1, amountMinor });
    profile.purchaseDays++;
    profile.lastDay = day;
    return;
  }
  const entries = unpackDays(profile.days);
  if (addToDay(entries, day, sign, sign * amountMinor)) storeDays(profile, entries);
}

/** Days are packed from 1970-01-01 on: of its first hours, those that are a day earlier in the zone count as of it. */
function purchaseDayOf(at: number, { calendar }: Model): number {
  return Math.max(0, calendar.dayOf(at));
}

function isFolded({ foldedDays, foldedThrough }: Profile, day: number): boolean {
  return foldedDays > 0 && day <= foldedThrough;
}

function addMargin(profile: Profile, day: number, amountMinor: number, marginMinor: number | null): void {
  if (marginMinor === null) return;
  addToWeek(profile, day, "marginMinor", marginMinor);
  addToWeek(profile, day, "marginOfMinor", amountMinor);
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
  const day = calendar.dayOf(at);
  profile.refunds++;
  profile.refundMinor += amountMinor;
  addMargin(profile, day, -amountMinor, marginMinor === null ? null : -marginMinor);
  addToWeek(profile, day, "refundMinor", amountMinor);
}
