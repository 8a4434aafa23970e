import { emptyProfile, type Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { accountsOf, owedMinor } from "./account-list.ts";
import { applyEvent } from "./apply-event.ts";
import { DAYS_MAX } from "./apply-purchase.ts";
import { DAY_MS } from "./day-calendar.ts";
import { unpackDays } from "./day-list.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { ORDERS_MAX } from "./order-list.ts";
import type { Outcome } from "./outcome.ts";
import { sampleEvent } from "./sample-event.ts";
import { unpackWeeks, WEEK_SUMS } from "./week-list.ts";

const model = createModel(defaultArtefact({ rates: { EUR: 1.1, JPY: 0.0065 } }));
const START = Date.UTC(2026, 0, 1);

describe("purchases", () => {
  test("of one local day are one purchase day; x and tx count days, not purchases", () => {
    const { profile, buy } = customer();
    buy({ day: 0, amountMinor: 100 });
    buy({ day: 0, hours: 23, amountMinor: 50 });
    buy({ day: 9, amountMinor: 25 });
    expect(profile).toMatchObject({ purchases: 3, purchaseDays: 2, grossMinor: 175, firstDayGrossMinor: 150 });
    expect(profile.lastDay - profile.firstDay).toBe(9);
  });

  test("of an amount of 0 are purchases", () => {
    const { profile, buy } = customer();
    buy({ day: 0, amountMinor: 0 });
    expect(profile).toMatchObject({ purchases: 1, purchaseDays: 1, grossMinor: 0 });
  });

  test("in another zone fall on its local day", () => {
    const tokyo = createModel(defaultArtefact({ timeZone: "Asia/Tokyo" }));
    const profile = emptyProfile("c1");
    const at = Date.UTC(2026, 0, 1, 15);
    applyEvent(profile, sampleEvent({ type: "purchase", kind: "PURCHASE", occurredAt: at }), terms(tokyo));
    expect(profile.firstDay).toBe(Date.UTC(2026, 0, 2) / DAY_MS);
  });

  test("of the first day of the epoch are of a day like any other, which west of Greenwich has begun before", () => {
    for (const timeZone of ["Asia/Tokyo", "America/New_York"]) {
      const zoned = createModel(defaultArtefact({ timeZone }));
      const profile = emptyProfile("c1");
      for (const [i, occurredAt] of [0, 9 * DAY_MS].entries()) {
        applyEvent(profile, sampleEvent({ type: "purchase", eventId: `e${i}`, occurredAt }), terms(zoned));
      }
      expect(profile).toMatchObject({ purchases: 2, purchaseDays: 2, firstDay: 0 });
      expect(unpackDays(profile.days).map(({ count }) => count)).toEqual([1, 1]);
    }
  });

  test("in another currency are converted by the artefact's rate, its own decimal places considered", () => {
    const { profile, buy } = customer();
    buy({ day: 0, amountMinor: 1_000, currency: "EUR" });
    buy({ day: 0, amountMinor: 1_000, currency: "JPY" });
    expect(profile.grossMinor).toBe(1_100 + 650);
  });

  test("in a currency without a rate are refused and leave no trace", () => {
    const { profile, buy } = customer();
    const before = JSON.stringify(profile);
    expect(buy({ day: 0, amountMinor: 5, currency: "CHF" })).toMatchObject({ kind: "refused", code: "NO_RATE" });
    expect(JSON.stringify(profile)).toBe(before);
  });

  test("whose sum would not be exact are refused", () => {
    const { profile, buy } = customer();
    profile.grossMinor = 2 ** 52 - 10;
    expect(buy({ day: 0, amountMinor: 11 })).toMatchObject({ kind: "refused", code: "SUM_OUT_OF_RANGE" });
    expect(profile.purchases).toBe(0);
  });

  test("of more days than are kept are folded into their number, and the last year stays by day", () => {
    const { profile, buy } = customer();
    for (let day = 0; day < DAYS_MAX + 50; day++) buy({ day, amountMinor: 10 });
    expect(profile).toMatchObject({ purchaseDays: DAYS_MAX + 50, foldedDays: 50, firstDayGrossMinor: 10 });
    expect(profile.foldedThrough - profile.firstDay).toBe(49);
    expect(unpackDays(profile.days).length).toBe(DAYS_MAX);
    expect(profile.lastDay - profile.firstDay).toBe(DAYS_MAX + 49);
    buy({ day: 3, amountMinor: 7 });
    expect(profile).toMatchObject({ purchaseDays: DAYS_MAX + 50, late: 1, grossMinor: 10 * (DAYS_MAX + 50) + 7 });
  });
});

describe("refunds", () => {
  test("lower spend and keep every purchase day", () => {
    const { profile, buy, send } = customer();
    buy({ day: 0, amountMinor: 100 });
    buy({ day: 5, amountMinor: 100 });
    send({ kind: "REFUND", day: 6, amountMinor: 100 });
    send({ kind: "REFUND", day: 7, amountMinor: 30 });
    expect(profile).toMatchObject({ purchaseDays: 2, purchases: 2, grossMinor: 200, refundMinor: 130, refunds: 2 });
    const refunds = unpackWeeks(profile.weeks).map(({ sums }) => sums[WEEK_SUMS.indexOf("refundMinor")]);
    expect(refunds).toEqual([130]);
  });
});

describe("cancellations", () => {
  test("take back their purchase, its margin, and its day if no other purchase remains on it", () => {
    const { profile, buy, send } = customer();
    buy({ day: 0, amountMinor: 100, orderId: "o1" });
    buy({ day: 4, amountMinor: 70, orderId: "o2", marginMinor: 20 });
    buy({ day: 4, hours: 2, amountMinor: 30, orderId: "o3" });
    send({ kind: "CANCELLATION", day: 5, orderId: "o2", originalDay: 4 });
    expect(profile).toMatchObject({ purchaseDays: 2, purchases: 2, grossMinor: 130, marginMinor: 0, marginOfMinor: 0 });
    send({ kind: "CANCELLATION", day: 6, orderId: "o3", originalDay: 4, originalHours: 2 });
    expect(profile).toMatchObject({ purchaseDays: 1, purchases: 1, grossMinor: 100, cancellations: 2 });
    expect(profile.lastDay).toBe(profile.firstDay);
    send({ kind: "CANCELLATION", day: 7, orderId: "o1", originalDay: 0 });
    expect(profile).toMatchObject({ purchaseDays: 0, purchases: 0, grossMinor: 0, firstDay: 0, spendDecayed: 0 });
  });

  test("of the first day make the next one the first", () => {
    const { profile, buy, send } = customer();
    buy({ day: 0, amountMinor: 100, orderId: "o1" });
    buy({ day: 4, amountMinor: 70, orderId: "o2" });
    send({ kind: "CANCELLATION", day: 5, orderId: "o1", originalDay: 0 });
    expect(profile).toMatchObject({ purchaseDays: 1, firstDayGrossMinor: 70, firstDay: START / DAY_MS + 4 });
  });

  test("twice count once", () => {
    const { profile, buy, send } = customer();
    buy({ day: 0, amountMinor: 100, orderId: "o1" });
    buy({ day: 0, hours: 1, amountMinor: 100, orderId: "o2" });
    send({ kind: "CANCELLATION", day: 1, orderId: "o1", originalDay: 0 });
    send({ kind: "CANCELLATION", day: 2, orderId: "o1", originalDay: 0 });
    expect(profile).toMatchObject({ purchases: 1, purchaseDays: 1, grossMinor: 100, cancellations: 2 });
  });

  test("that come before their purchase annul it when it comes", () => {
    const { profile, buy, send } = customer();
    send({ kind: "CANCELLATION", day: 5, orderId: "o1", originalDay: 4 });
    buy({ day: 4, amountMinor: 70, orderId: "o1" });
    expect(profile).toMatchObject({ purchases: 0, purchaseDays: 0, grossMinor: 0 });
  });

  test("without an order mean the purchase of that instant, one for one", () => {
    const { profile, buy, send } = customer();
    buy({ day: 4, amountMinor: 70 });
    buy({ day: 4, amountMinor: 70 });
    buy({ day: 4, hours: 1, amountMinor: 50 });
    send({ kind: "CANCELLATION", day: 5, originalDay: 4 });
    expect(profile).toMatchObject({ purchases: 2, purchaseDays: 1, grossMinor: 120 });
  });

  test("of an order leave a purchase of the same instant that says none, and mean it where none is of that order", () => {
    const { profile, buy, send } = customer();
    buy({ day: 4, amountMinor: 30 });
    buy({ day: 4, amountMinor: 70, orderId: "o1" });
    for (let again = 0; again < 2; again++) send({ kind: "CANCELLATION", day: 5, orderId: "o1", originalDay: 4 });
    expect(profile).toMatchObject({ purchases: 1, grossMinor: 30, cancellations: 2 });
    send({ kind: "CANCELLATION", day: 5, orderId: "o2", originalDay: 4 });
    expect(profile).toMatchObject({ purchases: 0, grossMinor: 0, cancellations: 3 });
  });

  test("of an order that no purchase is known of mean one purchase of the instant that says none, once", () => {
    const { profile, buy, send } = customer();
    buy({ day: 4, amountMinor: 30 });
    buy({ day: 4, amountMinor: 30 });
    for (let again = 0; again < 2; again++) send({ kind: "CANCELLATION", day: 5, orderId: "o1", originalDay: 4 });
    expect(profile).toMatchObject({ purchases: 1, grossMinor: 30 });
  });

  test("of an order leave a purchase of the same instant that says none, whichever came first", () => {
    const some = { day: 4, kind: "PURCHASE", amountMinor: 30, marginMinor: 7, discountMinor: 2, category: "shoes" };
    const events = [
      { ...some, dueAt: START + 9 * DAY_MS },
      { ...some, amountMinor: 70, orderId: "o1" },
      { kind: "CANCELLATION", day: 5, orderId: "o1", originalDay: 4 },
      { ...some, amountMinor: 50, orderId: "o1" },
    ];
    for (const order of permutations(events)) {
      const { profile, send } = customer();
      for (const event of order) send(event);
      expect(profile).toMatchObject({ purchases: 1, grossMinor: 30, firstDayGrossMinor: 30, marginMinor: 7 });
      expect(profile.trade).toMatchObject({ discountMinor: 2, discountOfMinor: 32 });
      expect(accountsOf(profile).map(owedMinor)).toEqual([30]);
    }
  });

  test("of an order leave what is owed on a purchase of the same instant that says none", () => {
    const { profile, buy, send } = customer();
    buy({ day: 4, amountMinor: 30, dueAt: START + 9 * DAY_MS });
    buy({ day: 4, amountMinor: 70, orderId: "o1" });
    send({ kind: "CANCELLATION", day: 5, orderId: "o1", originalDay: 4 });
    expect(accountsOf(profile).map(owedMinor)).toEqual([30]);
  });

  test("of a purchase that has left the list of orders find its day and take the amount they carry", () => {
    const { profile, buy, send } = customer();
    for (let day = 0; day < ORDERS_MAX + 3; day++) buy({ day, amountMinor: 100 + day, orderId: `o${day}` });
    buy({ day: 1, hours: 1, amountMinor: 1, orderId: "late" });
    send({ kind: "CANCELLATION", day: 20, orderId: "o0", originalDay: 0, amountMinor: 0 });
    expect(profile.purchaseDays).toBe(ORDERS_MAX + 2);
    expect(profile.firstDay).toBe(START / DAY_MS + 1);
    expect(unpackDays(profile.days).reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(profile.grossMinor);
    send({ kind: "CANCELLATION", day: 20, orderId: "o1", originalDay: 1, amountMinor: 101 });
    expect(profile.purchaseDays).toBe(ORDERS_MAX + 2);
    expect(profile.firstDayGrossMinor).toBe(1);
    send({ kind: "CANCELLATION", day: 20, orderId: "o1", originalDay: 1, amountMinor: 101 });
    expect(profile).toMatchObject({ purchaseDays: ORDERS_MAX + 2, purchases: ORDERS_MAX + 2, firstDayGrossMinor: 1 });
  });
});

test("payments change neither purchases nor spend", () => {
  const { profile, buy, send } = customer();
  buy({ day: 0, amountMinor: 100, orderId: "o1" });
  send({ kind: "PAYMENT", day: 3, orderId: "o1", amountMinor: 100 });
  expect(profile).toMatchObject({ purchases: 1, grossMinor: 100, payments: 1, paidMinor: 100 });
});

interface Fields {
  readonly day: number;
  readonly hours?: number;
  readonly originalDay?: number;
  readonly originalHours?: number;
  readonly amountMinor?: number;
  readonly [field: string]: unknown;
}

interface Customer {
  readonly profile: Profile;
  readonly buy: (fields: Fields) => Outcome;
  readonly send: (fields: Fields & { readonly kind: string }) => Outcome;
}

function customer(): Customer {
  const profile = emptyProfile("c1");
  let events = 0;
  const send: Customer["send"] = ({ day, hours = 0, originalDay, originalHours = 0, ...fields }) => {
    const occurredAt = START + day * DAY_MS + hours * 3_600_000;
    const originalOccurredAt =
      originalDay === undefined ? null : START + originalDay * DAY_MS + originalHours * 3_600_000;
    const event = sampleEvent({ type: "purchase", ...fields, eventId: `e${events++}`, occurredAt, originalOccurredAt });
    return applyEvent(profile, event, terms(model));
  };
  return { profile, send, buy: (fields) => send({ ...fields, kind: "PURCHASE" }) };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

function terms(of: typeof model) {
  return { referenceAt: null, model: of, consentDefault: "granted" } as const;
}
