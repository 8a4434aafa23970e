/** What is kept of one customer, as it lies in the changelog. Days are whole, since the epoch; sums are decayed to `decayedAt`. */
export interface CustomerState {
  firstPurchaseDay: number;
  lastPurchaseDay: number;
  purchaseDays: number;
  purchases: number;
  spendMinor: number;
  /** By the interaction's type. */
  readonly interactions: number[];
  complaintsOpen: number;
  complaintsTotal: number;
  spendDecayed: number;
  activityDecayed: number;
  complaintDecayed: number;
  /** Event time of the newest event, ms. */
  decayedAt: number;
  /** Spend of a day at its number modulo the ring's length. */
  readonly dailySpendMinor: number[];
  lastDay: number;
  tier: number;
  /** Events applied. */
  version: number;
}

export interface Purchase {
  readonly occurredAt: number;
  readonly amountMinor: number;
}

export interface Interaction {
  readonly occurredAt: number;
  readonly type: InteractionType;
}

export type InteractionType = keyof typeof INTERACTION_INDEX;

export interface Complaint {
  readonly occurredAt: number;
  readonly resolved: boolean;
}

export function newCustomer(): CustomerState {
  return {
    firstPurchaseDay: 0,
    lastPurchaseDay: 0,
    purchaseDays: 0,
    purchases: 0,
    spendMinor: 0,
    interactions: [0, 0, 0, 0, 0, 0],
    complaintsOpen: 0,
    complaintsTotal: 0,
    spendDecayed: 0,
    activityDecayed: 0,
    complaintDecayed: 0,
    decayedAt: 0,
    dailySpendMinor: [...NO_SPEND],
    lastDay: 0,
    tier: 0,
    version: 0,
  };
}

export function applyPurchase(state: CustomerState, { occurredAt, amountMinor }: Purchase): void {
  const late = moveTo(state, occurredAt);
  const day = dayOf(occurredAt);
  if (state.purchaseDays === 0) {
    state.firstPurchaseDay = day;
    state.lastPurchaseDay = day;
    state.purchaseDays = 1;
  } else if (day > state.lastPurchaseDay) {
    state.lastPurchaseDay = day;
    state.purchaseDays++;
  } else if (day < state.firstPurchaseDay) {
    state.firstPurchaseDay = day;
    state.purchaseDays++;
  }
  state.purchases++;
  state.spendMinor += amountMinor;
  state.spendDecayed += amountMinor * decay(SPEND_RATE, late);
  if (state.lastDay - day < RING_DAYS) {
    const index = ringIndex(day);
    state.dailySpendMinor[index] = (state.dailySpendMinor[index] ?? 0) + amountMinor;
  }
  state.version++;
}

export function applyInteraction(state: CustomerState, { occurredAt, type }: Interaction): void {
  const late = moveTo(state, occurredAt);
  const index = INTERACTION_INDEX[type];
  state.interactions[index] = (state.interactions[index] ?? 0) + 1;
  state.activityDecayed += decay(ACTIVITY_RATE, late);
  state.version++;
}

export function applyComplaint(state: CustomerState, { occurredAt, resolved }: Complaint): void {
  const late = moveTo(state, occurredAt);
  if (resolved) {
    state.complaintsOpen = Math.max(0, state.complaintsOpen - 1);
  } else {
    state.complaintsOpen++;
    state.complaintsTotal++;
    state.complaintDecayed += decay(COMPLAINT_RATE, late);
  }
  state.version++;
}

export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/**
 * Brings sums and ring up to an event.
 * @returns how much older than the newest event it is, ms: it adds to the sums with the weight that it still has
 */
function moveTo(state: CustomerState, at: number): number {
  const day = dayOf(at);
  let late = 0;
  if (state.version === 0) {
    state.decayedAt = at;
    state.lastDay = day;
  } else if (at > state.decayedAt) {
    const passed = at - state.decayedAt;
    // Most customers have never complained, and many not bought: exp(x) of nothing is dear.
    if (state.spendDecayed !== 0) state.spendDecayed *= decay(SPEND_RATE, passed);
    if (state.activityDecayed !== 0) state.activityDecayed *= decay(ACTIVITY_RATE, passed);
    if (state.complaintDecayed !== 0) state.complaintDecayed *= decay(COMPLAINT_RATE, passed);
    state.decayedAt = at;
  } else {
    late = state.decayedAt - at;
  }
  if (day > state.lastDay) {
    const cleared = Math.min(RING_DAYS, day - state.lastDay);
    for (let back = 0; back < cleared; back++) state.dailySpendMinor[ringIndex(day - back)] = 0;
    state.lastDay = day;
  }
  return late;
}

function decay(rate: number, ms: number): number {
  return ms === 0 ? 1 : Math.exp(-rate * ms);
}

function ringIndex(day: number): number {
  return ((day % RING_DAYS) + RING_DAYS) % RING_DAYS;
}

const DAY_MS = 86_400_000;
const RING_DAYS = 28;
const NO_SPEND: readonly number[] = Array.from({ length: RING_DAYS }, () => 0);
/** ln 2 / half-life, a millisecond. */
const SPEND_RATE = Math.LN2 / (90 * DAY_MS);
const ACTIVITY_RATE = Math.LN2 / (14 * DAY_MS);
const COMPLAINT_RATE = Math.LN2 / (30 * DAY_MS);
const INTERACTION_INDEX = { VISIT: 0, SEARCH: 1, CART: 2, EMAIL_OPEN: 3, EMAIL_CLICK: 4, SUPPORT: 5 } as const;
