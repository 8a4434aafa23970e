import { emptyProfile, type Profile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEvent, type ProfileEvent } from "./apply-event.ts";
import { recentComplaints } from "./hazard/complaint-count.ts";
import { complaintsOf } from "./complaint-list.ts";
import { DAY_MS } from "./day-calendar.ts";
import { unpackDays } from "./day-list.ts";
import { decayed, SPEND_HALF_LIFE_MS } from "./decayed-sum.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";
import { score } from "./score.ts";
import { recentEngagement } from "./hazard/engagement.ts";
import { unpackWeeks } from "./week-list.ts";

const model = createModel(defaultArtefact({ timeZone: "America/New_York" }));
const START = Date.UTC(2026, 2, 1);
const WINDOW_MS = 30 * DAY_MS;
const LATER = START + 60 * DAY_MS;

test("any order of the same events within the grace gives the same profile and score", () => {
  fc.assert(
    fc.property(anyEventsInTwoOrders(), ([inOrder, shuffled]) => {
      expectSame(applied(shuffled), applied(inOrder), { boughtMinor: boughtMinor(inOrder) });
    }),
    { numRuns: 400 },
  );
});

test("sent twice, in whatever order, events count once", () => {
  fc.assert(
    fc.property(anyEventsInTwoOrders(), ([inOrder, shuffled]) => {
      expectSame(applied([...inOrder, ...shuffled]), applied(inOrder), { boughtMinor: boughtMinor(inOrder) });
    }),
    { numRuns: 100 },
  );
});

test("a purchase and its cancellation leave what would be without them", () => {
  const anyCase = fc.tuple(
    anyEvents(),
    fc.integer({ min: 0, max: WINDOW_MS }),
    fc.integer({ min: 0, max: 10 ** 12 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(anyCase, ([events, after, amountMinor, last]) => {
      // Of two purchases of one instant, a cancellation among the events that says no order could mean either.
      const taken = new Set(events.flatMap(({ record }) => [record.occurredAt, originalAtOf(record)]));
      let at = START + after;
      while (taken.has(at)) at++;
      const purchase = sampleEvent({
        type: "purchase",
        kind: "PURCHASE",
        orderId: "taken-back",
        amountMinor,
        eventId: "p",
        occurredAt: at,
      });
      const cancellation = sampleEvent({
        type: "purchase",
        kind: "CANCELLATION",
        orderId: "taken-back",
        originalOccurredAt: at,
        eventId: "c",
        occurredAt: at + 1,
      });
      const among = last ? [...events, purchase, cancellation] : [purchase, ...events, cancellation];
      expectSame(applied(among), applied(events), { cancellations: 1, boughtMinor: boughtMinor(among) });
    }),
    { numRuns: 200 },
  );
});

test("refunds never change a purchase day, and all money is exact to the minor unit", () => {
  fc.assert(
    fc.property(anyEvents(), (events) => {
      const profile = applied(events);
      const without = applied(events.filter(({ record }) => !("kind" in record) || record.kind !== "REFUND"));
      expect([profile.purchaseDays, profile.firstDay, profile.lastDay]).toEqual([
        without.purchaseDays,
        without.firstDay,
        without.lastDay,
      ]);
      const refunds = events.flatMap(({ record }) =>
        "amountMinor" in record && record.kind === "REFUND" ? [record.amountMinor ?? 0] : [],
      );
      expect(profile.refundMinor).toBe(refunds.reduce((sum, amount) => sum + amount, 0));
      expect(unpackDays(profile.days).reduce((sum, day) => sum + day.amountMinor, 0)).toBe(profile.grossMinor);
      expect(unpackDays(profile.days).reduce((sum, day) => sum + day.count, 0)).toBe(profile.purchases);
    }),
    { numRuns: 200 },
  );
});

function applied(events: readonly ProfileEvent[]): Profile {
  const profile = emptyProfile("c1");
  for (const event of events) {
    expect(applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" })).toMatch(
      /applied|duplicate/,
    );
  }
  return profile;
}

function originalAtOf(record: ProfileEvent["record"]): number | null {
  return "originalOccurredAt" in record ? record.originalOccurredAt : null;
}

/** What was ever bought, cancelled or not: the scale of the rounding in a sum that purchases are taken back from. */
function boughtMinor(events: readonly ProfileEvent[]): number {
  return events.reduce((sum, { topic, record }) => {
    return topic === "purchases" && record.kind === "PURCHASE" ? sum + record.amountMinor : sum;
  }, 1);
}

/** Equal in everything that a score or a query depends on; floats to 1e-9 of their scale. */
function expectSame(
  actual: Profile,
  expected: Profile,
  but: { readonly cancellations?: number; readonly boughtMinor: number },
): void {
  const exact = (profile: Profile) => ({
    days: unpackDays(profile.days),
    weeks: unpackWeeks(profile.weeks).filter(({ sums }) => sums.some((sum) => sum !== 0)),
    interactions: profile.interactions,
    numbers: [
      profile.purchases,
      profile.purchaseDays,
      profile.firstDay,
      profile.lastDay,
      profile.firstDayGrossMinor,
      profile.grossMinor,
      profile.refunds,
      profile.refundMinor,
      profile.marginMinor,
      profile.marginOfMinor,
      profile.payments,
      profile.paidMinor,
      profile.complaints,
      profile.complaintsOpen,
    ],
    complaints: complaintsOf(profile).toSorted((a, b) => a.openedAt - b.openedAt || a.stepAt - b.stepAt),
    contract: profile.contract,
    strainAt: [profile.strain?.supportAt, profile.strain?.lowRatingsAt, profile.strain?.hostilityAt],
    // What stands of alerts is judged by the turn, and depends on how events fell into turns; what they are judged by does not.
    review: profile.review,
    texts: [profile.segment, profile.industry, profile.region, profile.consent, profile.customerAt],
  });
  expect(exact(actual)).toEqual(exact(expected));
  expect(actual.cancellations).toBe(expected.cancellations + (but.cancellations ?? 0));
  expectNear(recentEngagement(actual, LATER), recentEngagement(expected, LATER), 1);
  expectNear(recentComplaints(actual, LATER), recentComplaints(expected, LATER), 1);
  expectNear(actual.activityDecayed, expected.activityDecayed, 100);
  for (const sum of ["supportDecayed", "lowRatingsDecayed", "hostilityDecayed"] as const) {
    expectNear(actual.strain?.[sum] ?? 0, expected.strain?.[sum] ?? 0, 10);
  }
  const orders = (profile: Profile) => decayed(profile.ordersDecayed, LATER - profile.spendAt, SPEND_HALF_LIFE_MS);
  expectNear(orders(actual), orders(expected), 10);
  const spend = (profile: Profile) => decayed(profile.spendDecayed, LATER - profile.spendAt, SPEND_HALF_LIFE_MS);
  expectNear(spend(actual), spend(expected), but.boughtMinor);
  const one = score(actual, LATER, model);
  const other = score(expected, LATER, model);
  expectNear(one.churn ?? 0, other.churn ?? 0, 1);
  expect(one.value?.realisedMinor).toBe(other.value?.realisedMinor);
  for (const amount of ["expectedMinor", "atRiskMinor"] as const) {
    // Rounded to whole units after the floats differed in their last digits.
    expect(Math.abs((one.value?.[amount] ?? 0) - (other.value?.[amount] ?? 0))).toBeLessThanOrEqual(1);
  }
}

function expectNear(actual: number, expected: number, scale: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * scale);
}

function anyEventsInTwoOrders(): fc.Arbitrary<[ProfileEvent[], ProfileEvent[]]> {
  return anyEvents().chain((events) => {
    const shuffled = fc.shuffledSubarray(events, { minLength: events.length });
    return shuffled.map((other): [ProfileEvent[], ProfileEvent[]] => [
      events.toSorted((a, b) => a.record.occurredAt - b.record.occurredAt),
      other,
    ]);
  });
}

/** Events of one customer within the grace, no two at one time, few enough for the profile's lists. */
function anyEvents(): fc.Arbitrary<ProfileEvent[]> {
  const anyTimes = fc.uniqueArray(fc.integer({ min: 0, max: WINDOW_MS }), { minLength: 1, maxLength: 40 });
  return anyTimes.chain((times) => {
    const shapes = fc.array(anyShape(), { minLength: times.length, maxLength: times.length });
    return shapes.map((list) => {
      let orders = 0;
      return list.flatMap((shape, i) => {
        const listsOrder = shape["kind"] === "PURCHASE" || shape["kind"] === "CANCELLATION";
        if (listsOrder && ++orders > 14) return [];
        const occurredAt = START + (times[i] ?? 0);
        return [
          sampleEvent({
            ...shape,
            type: String(shape["type"]),
            eventId: `e${i}`,
            occurredAt,
            ...originalOf(shape, list, times),
          }),
        ];
      });
    });
  });
}

type Shape = Readonly<Record<string, unknown>>;

function anyShape(): fc.Arbitrary<Shape> {
  const amountMinor = fc.integer({ min: 0, max: 10 ** 12 });
  const marginMinor = fc.option(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }));
  const orderId = fc.constantFrom(null, "o1", "o2", "o3", "o4", "o5");
  const complaintId = fc.constantFrom("k1", "k2", "k3");
  return fc.oneof(
    fc.record({ type: fc.constant("purchase"), kind: fc.constant("PURCHASE"), amountMinor, marginMinor, orderId }),
    fc.record({
      type: fc.constant("purchase"),
      kind: fc.constantFrom("REFUND", "PAYMENT"),
      amountMinor,
      marginMinor,
      orderId,
    }),
    fc.record({ type: fc.constant("purchase"), kind: fc.constant("CANCELLATION"), orderId }),
    fc.record({
      type: fc.constant("interaction"),
      kind: fc.constantFrom("VISIT", "CART", "SUPPORT", "SUGGESTION"),
      weight: fc.constantFrom(0, 0.5, 1, 7),
    }),
    fc.record({
      type: fc.constant("complaint"),
      kind: fc.constantFrom("OPENED", "RESOLVED", "REOPENED", "WITHDRAWN"),
      severity: fc.constantFrom(null, 2, 5),
      complaintId,
    }),
    fc.record({
      type: fc.constant("interaction"),
      kind: fc.constantFrom("SUBSCRIBE", "RENEW", "UNSUBSCRIBE"),
      termDays: fc.constantFrom(null, 30, 365),
      renewsAt: fc.constantFrom(null, LATER + DAY_MS),
      amountMinor: fc.constantFrom(null, 0, 5_000),
      currency: fc.constant("USD"),
    }),
    fc.record({
      type: fc.constant("interaction"),
      kind: fc.constantFrom("FEEDBACK", "REVIEW"),
      scale: fc.constant("NPS"),
      rating: fc.integer({ min: 0, max: 10 }),
      sentiment: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    fc.record({
      type: fc.constant("customer"),
      segment: fc.constantFrom(null, "retail", "trade"),
      region: fc.constantFrom("north", "south"),
    }),
  );
}

/** A cancellation names the time of a purchase: one of the same order, if there is one. */
function originalOf(shape: Shape, all: readonly Shape[], times: readonly number[]): object {
  if (shape["kind"] !== "CANCELLATION") return {};
  const index = all.findIndex((other) => other["kind"] === "PURCHASE" && other["orderId"] === shape["orderId"]);
  return { originalOccurredAt: START + (times[index] ?? 0) };
}
