import type { Profile } from "@tidemark/contracts";
import { FINGERPRINT_BYTES, fingerprintOf, isFingerprintAt, writeFingerprint } from "./fingerprint.ts";
import { copyBytes } from "./packed-numbers.ts";
import type { PurchasePlace } from "./purchase-breadth.ts";

/**
 * The newest purchases by order, so that a cancellation takes back exactly what was added, and cancellations that
 * came before their purchase, so that the order of arrival does not matter.
 * A purchase without an order is known by its time: there one cancellation takes back one purchase.
 */
export interface OrderEntry {
  readonly hasOrder: boolean;
  /** Event time of the purchase, ms. */
  readonly at: number;
  readonly amountMinor: number;
  /** null: the event did not say. */
  readonly marginMinor: number | null;
  readonly state: OrderState;
}

/**
 * AWAITED: cancelled, and the purchase has not come yet. STOOD_IN: likewise, and a purchase of its instant that says no order was taken back
 * in its place; it is given back when one of the order comes.
 */
export type OrderState = "LIVE" | "CANCELLED" | "AWAITED" | "STOOD_IN";

/**
 * How many are kept. A cancellation of an older purchase still finds its day by `originalOccurredAt`, and takes
 * back the amount it carries itself.
 */
export const ORDERS_MAX = 16;

/** What else is taken back with a purchase. */
export interface OrderDetail {
  readonly place: PurchasePlace;
  /** null: the event did not say. */
  readonly discountMinor: number | null;
}

export const NO_DETAIL: OrderDetail = { place: { category: -1, channel: -1 }, discountMinor: null };

/**
 * Indices of the entries that a purchase or cancellation may mean: those of its order where both sides say it; only where there are
 * none, those of its time of which one side does not say the order.
 */
export function findOrders({ orders }: Profile, orderId: string | null, at: number): number[] {
  const byOrder: number[] = [];
  const byTime: number[] = [];
  if (orders.length === 0) return byOrder;
  const order = orderId === null ? NO_ORDER : fingerprintOf(orderId);
  for (let start = 0; start < orders.length; start += ENTRY_BYTES) {
    const bothSayIt = orderId !== null && ((orders[start + FLAGS_AT] as number) & HAS_ORDER) !== 0;
    if (bothSayIt) {
      if (isFingerprintAt(orders, start, order)) byOrder.push(start / ENTRY_BYTES);
    } else if (orders.readUIntLE(start + TIME_AT, 6) === at) {
      byTime.push(start / ENTRY_BYTES);
    }
  }
  return byOrder.length > 0 ? byOrder : byTime;
}

export function orderAt({ orders }: Profile, index: number): OrderEntry {
  const start = index * ENTRY_BYTES;
  const flags = orders[start + FLAGS_AT] as number;
  return {
    hasOrder: (flags & HAS_ORDER) !== 0,
    at: orders.readUIntLE(start + TIME_AT, 6),
    amountMinor: orders.readUIntLE(start + AMOUNT_AT, 6),
    marginMinor: (flags & HAS_MARGIN) === 0 ? null : orders.readIntLE(start + MARGIN_AT, 6),
    state: STATES[flags & STATE_MASK] ?? "LIVE",
  };
}

/** All entries, the one that came first first. */
export function ordersOf(profile: Profile): OrderEntry[] {
  return Array.from({ length: profile.orders.length / ENTRY_BYTES }, (_, index) => orderAt(profile, index));
}

export function setOrderState({ orders }: Profile, index: number, state: OrderState): void {
  const at = index * ENTRY_BYTES + FLAGS_AT;
  orders[at] = ((orders[at] as number) & ~STATE_MASK) | STATES.indexOf(state);
}

/** What is known of an entry beside its amounts; entries from before details were kept have none. */
export function detailAt({ orders, orderDetails }: Profile, index: number): OrderDetail {
  const without = (orders.length / ENTRY_BYTES) * DETAIL_BYTES - orderDetails.length;
  const start = index * DETAIL_BYTES - without;
  if (start < 0) return NO_DETAIL;
  return {
    place: { category: orderDetails.readInt8(start), channel: orderDetails.readInt8(start + 1) },
    discountMinor: orderDetails[start + 2] === 0 ? null : orderDetails.readUIntLE(start + 3, 6),
  };
}

/** Adds one; beyond {@link ORDERS_MAX} the one that came first goes. */
export function addOrder(
  profile: Profile,
  orderId: string | null,
  entry: Omit<OrderEntry, "hasOrder">,
  detail: OrderDetail = NO_DETAIL,
): void {
  let kept = profile.orders;
  if (kept.length >= ORDERS_MAX * ENTRY_BYTES) {
    profile.ordersThrough = Math.max(profile.ordersThrough, orderAt(profile, 0).at);
    kept = kept.subarray(ENTRY_BYTES);
  }
  const longer = Buffer.allocUnsafe(kept.length + ENTRY_BYTES);
  copyBytes(kept, 0, kept.length, longer, 0);
  const start = kept.length;
  writeFingerprint(orderId === null ? NO_ORDER : fingerprintOf(orderId), longer, start);
  longer.writeUIntLE(entry.at, start + TIME_AT, 6);
  longer.writeUIntLE(entry.amountMinor, start + AMOUNT_AT, 6);
  longer.writeIntLE(entry.marginMinor ?? 0, start + MARGIN_AT, 6);
  longer[start + FLAGS_AT] =
    STATES.indexOf(entry.state) | (entry.marginMinor === null ? 0 : HAS_MARGIN) | (orderId === null ? 0 : HAS_ORDER);
  profile.orders = longer;
  addDetail(profile, detail);
}

/** The list of details ends with that of the newest order; it begins with the first order that has any. */
function addDetail(profile: Profile, { place, discountMinor }: OrderDetail): void {
  const { orderDetails } = profile;
  const isBlank = place.category < 0 && place.channel < 0 && discountMinor === null;
  if (orderDetails.length === 0 && isBlank) return;
  const kept = orderDetails.subarray(orderDetails.length >= ORDERS_MAX * DETAIL_BYTES ? DETAIL_BYTES : 0);
  const longer = Buffer.allocUnsafe(kept.length + DETAIL_BYTES);
  copyBytes(kept, 0, kept.length, longer, 0);
  longer.writeInt8(place.category, kept.length);
  longer.writeInt8(place.channel, kept.length + 1);
  longer[kept.length + 2] = Number(discountMinor !== null);
  longer.writeUIntLE(discountMinor ?? 0, kept.length + 3, 6);
  profile.orderDetails = longer;
}

const TIME_AT = FINGERPRINT_BYTES;
const AMOUNT_AT = TIME_AT + 6;
const MARGIN_AT = AMOUNT_AT + 6;
const FLAGS_AT = MARGIN_AT + 6;
const ENTRY_BYTES = FLAGS_AT + 1;

const DETAIL_BYTES = 9;

export const ORDERS_BYTES_MAX = ORDERS_MAX * ENTRY_BYTES;
export const ORDER_DETAILS_BYTES_MAX = ORDERS_MAX * DETAIL_BYTES;

/** The index is what is stored, in the two lowest bits of the flags. */
const STATES: readonly OrderState[] = ["LIVE", "CANCELLED", "AWAITED", "STOOD_IN"];
const STATE_MASK = 3;
const HAS_MARGIN = 4;
const HAS_ORDER = 8;

const NO_ORDER = { low: 0, high: 0 };
