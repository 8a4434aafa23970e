import type { ProcessorState } from "./records.ts";
import { HEADER_BYTES } from "./slab.ts";

/**
 * The profile of a customer as it is worked on: the fields of `schemas/processor-state.avsc`, writable, lists packed in
 * Buffers of their own, so that a profile decoded once can be changed and encoded many times.
 */
export type Profile = {
  -readonly [Name in keyof ProcessorState]: Writable<ProcessorState[Name]>;
};

type Writable<T> = T extends Uint8Array ? Buffer : T extends readonly (infer Item)[] ? Item[] : T;

/** A customer of whom nothing is known. */
export function emptyProfile(customerId: string): Profile {
  return {
    due: null,
    version: 0,
    scoredAt: 0,
    tier: "NONE",
    tierSince: 0,
    customerId,
    model: NO_MODEL,
    consent: "UNKNOWN",
    suppressedSince: 0,
    customerAt: 0,
    segment: "",
    industry: "",
    region: "",
    lastEventAt: 0,
    applied: 0,
    late: 0,
    clamped: 0,
    seen: EMPTY,
    seenNext: 0,
    purchases: 0,
    purchaseDays: 0,
    firstDay: 0,
    lastDay: 0,
    firstDayGrossMinor: 0,
    grossMinor: 0,
    days: EMPTY,
    foldedDays: 0,
    foldedThrough: 0,
    refunds: 0,
    refundMinor: 0,
    refundDays: EMPTY,
    marginMinor: 0,
    marginOfMinor: 0,
    orders: EMPTY,
    ordersThrough: 0,
    cancellations: 0,
    payments: 0,
    paidMinor: 0,
    interactions: [],
    engagementDecayed: 0,
    engagementAt: 0,
    spendDecayed: 0,
    spendAt: 0,
    complaintsDecayed: 0,
    complaintsAt: 0,
    complaints: 0,
    complaintsOpen: 0,
    complaintList: EMPTY,
    firstEventAt: 0,
    weeks: EMPTY,
    categories: EMPTY,
    channels: EMPTY,
    orderDetails: EMPTY,
    products: EMPTY,
    feedback: EMPTY,
    accounts: EMPTY,
    trade: null,
    voice: null,
    facts: null,
    activityDecayed: 0,
    ordersDecayed: 0,
    strain: null,
    contract: null,
    standing: null,
    tierMoves: EMPTY,
    categoryNames: EMPTY,
    complaintCategories: EMPTY,
    exposures: EMPTY,
    erasedAt: 0,
    erasureAppendedAt: 0,
    lifecycle: "UNKNOWN",
    lifecycleSince: 0,
    alertFlags: 0,
    purchasesJudged: 0,
    alerts: [],
    review: null,
  };
}

/**
 * Bound of an encoded profile (R7). It is never reached, since its lists, names and numbers are bounded: a test of scoring's adds up all of them
 * at their largest. Whoever encodes asserts it.
 */
export const PROFILE_BYTES_MAX = 16_384;

/**
 * The due time inside an encoded profile, read without the rest: it is the first field, a union of null and long.
 * @param bytes in the wire format
 * @returns ms since the epoch; null = never
 */
export function dueOf(bytes: Uint8Array): number | null {
  if (bytes[HEADER_BYTES] !== LONG_BRANCH) return null;
  let zigzag = 0;
  let scale = 1;
  for (let at = HEADER_BYTES + 1; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    zigzag += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
    scale *= 128;
  }
  return zigzag / 2;
}

const NO_MODEL = { name: "", version: "" };
const EMPTY = Buffer.alloc(0);
/** Index 1 as Avro writes it. */
const LONG_BRANCH = 2;
