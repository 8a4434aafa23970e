import { emptyProfile, type Profile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEvent, type ProfileEvent } from "../apply-event.ts";
import { DAY_MS } from "../day-calendar.ts";
import { defaultArtefact } from "../default-artefact.ts";
import { createModel } from "../model.ts";
import { sampleEvent } from "../sample-event.ts";
import { CATALOGUE, indicatorsOf, type IndicatorValues } from "./catalogue.ts";

const model = createModel({
  ...defaultArtefact({ timeZone: "America/New_York", rates: { EUR: 1.25 } }),
  costToServe: { VISIT: 0.01, SUPPORT: 4, "SUPPORT/phone": 9.5, PURCHASE: 1.2, COMPLAINT: 15 },
  referral: { marginMajor: 40, share: 0.25 },
  base: { asOf: 0, revenueMajor: 1e6, abcFromMajor: { a: 5_000, b: 500 }, categories: 12, quantiles: {} },
});
const START = Date.UTC(2024, 11, 1);
const WINDOW_DAYS = 420;
const asOf = START + (WINDOW_DAYS + 20) * DAY_MS;

const COMPLAINT = { type: "complaint", complaintId: "k1" };
const RESOLVED = [
  sampleEvent({ ...COMPLAINT, kind: "OPENED", eventId: "k-opened", occurredAt: START + DAY_MS }),
  sampleEvent({
    ...COMPLAINT,
    kind: "RESOLVED",
    satisfied: true,
    eventId: "k-resolved",
    occurredAt: START + 3 * DAY_MS,
  }),
];

test("any order of the same events, some of them twice, gives the same value of every indicator", () => {
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(anyLife(), ([inOrder, shuffled]) => {
      const expected = indicatorsOf(applied(inOrder), asOf, model);
      expectSame(indicatorsOf(applied(shuffled), asOf, model), expected);
      for (const [name, value] of Object.entries(expected)) {
        if (value !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }),
    // What random lives have too seldom to be sure of.
    { numRuns: 200, examples: [[[RESOLVED, RESOLVED]]] },
  );
  // A life that leaves an indicator unknown says nothing of it.
  const neverKnown = CATALOGUE.filter(({ name }) => !counts.has(name)).map(({ name }) => name);
  expect(neverKnown).toEqual([]);
});

test("an order and its cancellation leave every indicator as it would be without them, but for the cost of serving it", () => {
  fc.assert(
    fc.property(anyLife(8), anyPurchase(), ([events], purchase) => {
      const at = START + 300 * DAY_MS + 1;
      const { onAccount, paysAfter: _, ...fields } = purchase;
      const dueAt = onAccount === true ? at + DAY_MS : null;
      const own = { ...fields, type: "purchase", orderId: "taken-back", dueAt };
      const bought = sampleEvent({
        ...own,
        kind: "PURCHASE",
        acquisitionCostMinor: null,
        eventId: "p",
        occurredAt: at,
      });
      const cancelled = sampleEvent({
        ...own,
        kind: "CANCELLATION",
        originalOccurredAt: at,
        eventId: "c",
        occurredAt: at + 1,
      });
      // The customer is there on that day in any case.
      const visit = sampleEvent({ type: "interaction", kind: "VISIT", eventId: "v", occurredAt: at + 2 });
      const without = indicatorsOf(applied([...events, visit]), asOf, model);
      const both = indicatorsOf(applied([...events, bought, cancelled, visit]), asOf, model);
      const dearer = new Set(
        ["costToServe", "profit", "lossMaking"]
          .flatMap((name) => [name, `${name}365`])
          // Without a profit its variation is unknown: one known value fewer.
          .concat("profitVariation365", "completeness"),
      );
      expectSame(both, without, dearer);
      expectSame(indicatorsOf(applied([...events, cancelled, bought, visit]), asOf, model), both);
    }),
    { numRuns: 200 },
  );
});

function applied(events: readonly ProfileEvent[]): Profile {
  const profile = emptyProfile("c1");
  for (const event of events) {
    const outcome = applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" });
    expect(outcome).toMatch(/applied|duplicate/);
  }
  return profile;
}

/** Floats to 1e-9 of their size; money that is the rounded result of floats to a minor unit. */
function expectSame(actual: IndicatorValues, expected: IndicatorValues, but: ReadonlySet<string> = new Set()): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, value] of Object.entries(expected)) {
    if (but.has(name)) continue;
    const other = actual[name];
    if (typeof value !== "number" || typeof other !== "number") {
      expect([name, other]).toEqual([name, value]);
      continue;
    }
    const rounded = ["clv", "expectedValue", "valueAtRisk"].includes(name) ? 1 : 0;
    const near = 1e-9 * Math.max(1, Math.abs(value)) + rounded;
    // A ratio of a rounded amount.
    const tolerance = name === "clvToAcquisitionCost" ? 1 : near;
    if (!(Math.abs(other - value) <= tolerance)) expect([name, other]).toEqual([name, value]);
  }
}

/**
 * Events of one customer over more than a year, no two at one time, in order of time and shuffled within the grace, some of them sent
 * twice; few enough for the profile's lists.
 */
function anyLife(ordersMax = 15): fc.Arbitrary<[ProfileEvent[], ProfileEvent[]]> {
  const anyTimes = fc.uniqueArray(fc.integer({ min: 0, max: WINDOW_DAYS * DAY_MS }), { minLength: 20, maxLength: 55 });
  return fc
    .tuple(anyTimes, fc.array(anyShape(), { minLength: 55, maxLength: 55 }), fc.array(fc.nat(29), { maxLength: 55 }))
    .map(([times, shapes, delays]) => {
      const sorted = times.toSorted((a, b) => a - b);
      let orders = 0;
      const inOrder = sorted.flatMap((time, i) => {
        const { type, ...shape } = shapes[i] ?? { type: "interaction", kind: "VISIT" };
        const occurredAt = START + time;
        const isPurchase = type === "purchase";
        if (isPurchase && ++orders > ordersMax) return [];
        const dueAt = shape["onAccount"] === true ? occurredAt + 30 * DAY_MS : null;
        const { onAccount: _, paysAfter, ...fields } = shape;
        const event = sampleEvent({
          ...fields,
          type: String(type),
          eventId: `e${i}`,
          occurredAt,
          ...(isPurchase ? { dueAt, orderId: `o${i}` } : {}),
        });
        if (!isPurchase || dueAt === null || typeof paysAfter !== "number") return [event];
        // In two parts, the second some days after the first.
        const amountMinor = Number(fields["amountMinor"]);
        const first = Math.floor(amountMinor / 3);
        const payments = [first, amountMinor - first].map((part, n) => {
          return sampleEvent({
            type: "purchase",
            kind: "PAYMENT",
            eventId: `y${i}-${n}`,
            orderId: `o${i}`,
            originalOccurredAt: occurredAt,
            occurredAt: occurredAt + (paysAfter + n * 9) * DAY_MS,
            amountMinor: part,
            currency: fields["currency"],
          });
        });
        return [event, ...payments];
      });
      const late = inOrder
        .map((event, i) => ({ event, at: event.record.occurredAt + (delays[i] ?? 0) * DAY_MS }))
        .toSorted((a, b) => a.at - b.at)
        .flatMap(({ event }, i) => (delays[i] === 7 ? [event, event] : [event]));
      return [inOrder, late];
    });
}

type Shape = Readonly<Record<string, unknown>>;

function anyPurchase(): fc.Arbitrary<Shape> {
  return fc
    .record({
      amountMinor: fc.integer({ min: 1, max: 1_000_000 }),
      currency: fc.constantFrom("USD", "EUR"),
      marginMinor: fc.option(fc.integer({ min: -50_000, max: 500_000 })),
      discountMinor: fc.option(fc.integer({ min: 0, max: 100_000 })),
      acquisitionCostMinor: fc.option(fc.integer({ min: 1, max: 5_000 })),
      category: fc.option(fc.constantFrom("tea", "cups", "pots")),
      channel: fc.option(fc.constantFrom("web", "店", "phone")),
      onAccount: fc.boolean(),
      paysAfter: fc.option(fc.integer({ min: 1, max: 60 })),
    })
    .map(({ onAccount, paysAfter, ...fields }) => ({ ...fields, ...(onAccount ? { onAccount, paysAfter } : {}) }));
}

function anyShape(): fc.Arbitrary<Shape> {
  const interaction = (kind: string, fields: Record<string, fc.Arbitrary<unknown>> = {}): fc.Arbitrary<Shape> => {
    const channel = fc.option(fc.constantFrom("web", "app", "phone"));
    return fc.record({ type: fc.constant("interaction"), kind: fc.constant(kind), channel, ...fields });
  };
  const money = { currency: fc.constant("EUR") };
  return fc.oneof(
    { weight: 8, arbitrary: anyPurchase().map((fields) => ({ ...fields, type: "purchase", kind: "PURCHASE" })) },
    fc.record({
      type: fc.constant("purchase"),
      kind: fc.constant("REFUND"),
      amountMinor: fc.integer({ min: 1, max: 9_000 }),
    }),
    { weight: 3, arbitrary: interaction("VISIT") },
    interaction("SUPPORT", { respondedAt: fc.option(fc.constant(asOf)) }),
    interaction("CAMPAIGN_EXPOSURE", { campaign: fc.constant("spring") }),
    interaction("EMAIL_CLICK"),
    interaction("REFERRAL", { referredCustomerId: fc.constant("c2"), converted: fc.option(fc.boolean()) }),
    interaction("REVIEW", { sentiment: fc.double({ min: -1, max: 1, noNaN: true }) }),
    interaction("RENEW", { termDays: fc.option(fc.integer({ min: 1, max: 400 })) }),
    interaction("UNSUBSCRIBE"),
    interaction("MEMBERSHIP"),
    interaction("SUGGESTION"),
    interaction("SERVICE_USE", { product: fc.constantFrom("care", "lounge") }),
    {
      weight: 2,
      arbitrary: interaction("BALANCE", {
        product: fc.constantFrom("current", "saving"),
        balanceMinor: fc.integer({ min: 1, max: 1_000_000 }),
        ...money,
      }),
    },
    interaction("FEEDBACK", { scale: fc.constantFrom("NPS", "CSAT"), rating: fc.constantFrom(1, 2.5, 4, 5) }),
    {
      weight: 6,
      arbitrary: interaction("FEEDBACK", {
        scale: fc.constant("NPS"),
        rating: fc.integer({ min: 0, max: 10 }),
        expected: fc.option(fc.integer({ min: 0, max: 10 })),
        dimension: fc.constantFrom(...DIMENSIONS),
      }),
    },
    fc.record({
      type: fc.constant("complaint"),
      kind: fc.constantFrom("OPENED", "RESOLVED", "REOPENED", "WITHDRAWN"),
      complaintId: fc.constantFrom("k1", "k2"),
      satisfied: fc.option(fc.boolean()),
    }),
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("customer"),
        currency: fc.constant("EUR"),
        creditLimitMinor: fc.constantFrom(100_000, 900_000),
        debtRatio: fc.double({ min: 0, max: 2, noNaN: true }),
        solvencyRatio: fc.double({ min: 0, max: 3, noNaN: true }),
        potentialSpendMinor: fc.constant(5_000_000),
        assetsMinor: fc.constant(1),
        strategicImportance: fc.constantFrom(0, 1),
        contractEndsAt: fc.constant(asOf),
        paymentTermsDays: fc.constant(30),
        custom: fc.constant({ marketExpansion: 3, projectSize: 2, age: 40 }),
        protected: fc.constant(["age"]),
      }),
    },
  );
}

const DIMENSIONS = [
  "trust",
  "tangibles",
  "reliability",
  "responsiveness",
  "assurance",
  "empathy",
  "functional",
  "emotional",
  "social",
  "service",
  "price",
  "relationship",
  "personalisation",
];
