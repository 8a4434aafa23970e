import fc from "fast-check";
import { DAY_MS } from "./day-calendar.ts";
import { type SampleFields, sampleTime } from "./sample-history.ts";

/** How many days an arbitrary history is long. */
export const HISTORY_DAYS = 100;

/** Everything that a score may hear of a customer, in the order of time: purchases on account among them, contracts, all kinds of trouble. */
export function anyHistory(): fc.Arbitrary<readonly SampleFields[]> {
  return fc
    .array(anyFields(), { minLength: 1, maxLength: 40, size: "max" })
    .map((list) => list.toSorted((a, b) => a.day - b.day));
}

function anyFields(): fc.Arbitrary<SampleFields> {
  const day = fc.integer({ min: 0, max: HISTORY_DAYS * 24 - 1 }).map((hour) => hour / 24);
  const event = (type: string, kind: string, fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}) =>
    fc.record({ type: fc.constant(type), kind: fc.constant(kind), day, ...fields });
  const orderId = fc.constantFrom("o1", "o2", "o3");
  const complaintId = fc.constantFrom("k1", "k2", "k3");
  const severity = fc.constantFrom(null, 1, 3, 4, 5);
  const amountMinor = fc.integer({ min: 0, max: 30_000 });
  const contract = { amountMinor, currency: fc.constant("USD"), termDays: fc.constantFrom(null, 7, 30, 90, 365) };
  return fc.oneof(
    { weight: 4, arbitrary: event("purchase", "PURCHASE", { amountMinor }) },
    event("purchase", "PURCHASE", { amountMinor, orderId, dueAt: day.map(sampleTime) }),
    event("purchase", "PAYMENT", { amountMinor: fc.constant(30_000), orderId }),
    { weight: 3, arbitrary: event("interaction", "VISIT") },
    event("interaction", "CART"),
    { weight: 2, arbitrary: event("interaction", "SUPPORT") },
    event("interaction", "FEEDBACK", { scale: fc.constant("CSAT"), rating: fc.integer({ min: 1, max: 5 }) }),
    event("interaction", "REVIEW", { sentiment: fc.double({ min: -1, max: 1, noNaN: true }) }),
    { weight: 2, arbitrary: event("complaint", "OPENED", { complaintId, severity }) },
    event("complaint", "RESOLVED", { complaintId, severity }),
    event("complaint", "REOPENED", { complaintId, severity }),
    event("complaint", "WITHDRAWN", { complaintId }),
    fc.oneof(
      event("interaction", "SUBSCRIBE", contract),
      event("interaction", "RENEW", { ...contract, renewsAt: day.map((at) => sampleTime(at) + 50 * DAY_MS) }),
      event("interaction", "UNSUBSCRIBE"),
      fc.record({ type: fc.constant("customer"), day, contractEndsAt: day.map((at) => sampleTime(3 * at)) }),
    ),
  ) as fc.Arbitrary<SampleFields>;
}
