import { logit } from "@tidemark/models";
import { describe, expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { judge } from "./judge.ts";
import { createModel } from "./model.ts";
import { nextDue } from "./next-due.ts";
import { sampleEvent } from "./sample-event.ts";
import { sampleHistory, sampleTime, type SampleFields } from "./sample-history.ts";
import { score, type ScoreBody } from "./score.ts";
import { stepsUntil } from "./valuation-bounds.ts";

// Numbers that are easy by hand: a new customer renews with 3/4, then with 4/5, 5/6, …
const model = createModel({ ...defaultArtefact(), renewals: { alpha: 1, beta: 3, termDays: 30 } });

const contract = (kind: string, day: number, fields: object = {}): SampleFields => {
  return { type: "interaction", kind, day, ...fields };
};
const priced = { amountMinor: 12_000, currency: "USD" };
const yearly = contract("SUBSCRIBE", 0, { ...priced, termDays: 365 });

function scored(events: readonly SampleFields[], day: number): ScoreBody {
  return score(sampleHistory(events, model), sampleTime(day), model);
}

function codes({ reasons }: ScoreBody): string[] {
  return reasons.map(({ code }) => code);
}

/** One engagement wears off to nothing that counts. */
const churnBefore = ({ reasons }: ScoreBody): number =>
  reasons.find(({ code }) => code.startsWith("CONTRACT_"))?.params["probability"] ?? NaN;

describe("while a contract runs", () => {
  test("churn is that of its renewal once that is within the horizon, and next to none before", () => {
    expect(churnBefore(scored([yearly], 274.9))).toBe(1e-9);
    const near = scored([yearly], 275);
    expect(churnBefore(near)).toBeCloseTo(1 / 4, 12);
    expect(churnBefore(scored([yearly], 364.9))).toBeCloseTo(1 / 4, 12);
    expect(codes(near)).toContain("CONTRACT_RENEWAL");
    expect(near).toMatchObject({ churnAfterLastPurchase: null, lifecycle: "ACTIVE" });
    const { reasons } = near;
    expect(reasons.find(({ code }) => code === "CONTRACT_RENEWAL")?.params).toMatchObject({
      renewsInDays: 90,
      renewals: 0,
    });
  });

  test("who has renewed before is the likelier to do it again", () => {
    const renewed = [yearly, contract("RENEW", 364)];
    expect(churnBefore(scored(renewed, 364 + 300))).toBeCloseTo(1 / 5, 12);
  });

  test("every renewal within the horizon may be the last", () => {
    const monthly = [contract("SUBSCRIBE", 0, { ...priced, termDays: 30 })];
    // Days 30, 60 and 90 are within 90 days of day 1, 120 is not.
    expect(churnBefore(scored(monthly, 1))).toBeCloseTo(1 - (3 / 4) * (4 / 5) * (5 / 6), 12);
  });

  test("value is the margin of the renewals to come, each discounted, and no customer is a prospect", () => {
    const { value, tier } = scored([yearly], 0);
    const expected = 12_000 * 0.3 * (3 / 4) * (1 / 1.1);
    expect(value).toEqual({
      realisedMinor: 3_600,
      expectedMinor: Math.round(expected),
      atRiskMinor: 0,
      currency: "USD",
    });
    expect(tier).toBe("GOLD");
    const halfYearly = scored([contract("SUBSCRIBE", 0, { ...priced, termDays: 182 })], 0);
    const both = (3 / 4) * 1.1 ** (-182 / 365) + (3 / 4) * (4 / 5) * 1.1 ** (-364 / 365);
    expect(halfYearly.value?.expectedMinor).toBe(Math.round(12_000 * 0.3 * both));
  });

  test("a complaint raises churn at the renewal, lowers value and raises value at risk", () => {
    const complaint = { type: "complaint", kind: "OPENED", complaintId: "k1", day: 300 };
    const content = scored([yearly], 301);
    const angry = scored([yearly, complaint], 301);
    expect(logit(angry.churn ?? NaN) - logit(content.churn ?? NaN)).toBeCloseTo(1.33, 9);
    expect(angry.value?.expectedMinor).toBeLessThan(content.value?.expectedMinor ?? NaN);
    expect(angry.value?.atRiskMinor).toBeGreaterThan(content.value?.atRiskMinor ?? NaN);
  });

  test("it wins over purchases: they give the value only where its price is not known", () => {
    const bought: SampleFields = { type: "purchase", kind: "PURCHASE", day: 0, amountMinor: 12_000 };
    const both = scored([bought, yearly], 300);
    expect(codes(both)).not.toContain("SILENCE");
    expect(both.value?.expectedMinor).toBe(scored([yearly], 300).value?.expectedMinor);
    // The fee came as a purchase: it counts once.
    expect(both.value?.realisedMinor).toBe(3_600);
    const unpriced = scored([bought, contract("SUBSCRIBE", 0, { termDays: 365 })], 100);
    const alone = scored([bought], 100);
    expect(unpriced.churn).toBeLessThan(1e-6);
    expect(unpriced.value?.expectedMinor).toBeGreaterThan(0);
    expect(unpriced.value?.expectedMinor).toBeLessThanOrEqual(
      (alone.value?.expectedMinor ?? NaN) / (1 - (alone.churn ?? NaN)),
    );
  });
});

describe("once a contract is over", () => {
  test("its customer has left, until a renewal comes", () => {
    expect(scored([yearly], 364.999).churn).toBeLessThan(0.3);
    const lapsed = scored([yearly], 365);
    expect(lapsed.churn).toBeGreaterThan(1 - 1e-8);
    expect(lapsed.value).toMatchObject({ realisedMinor: 3_600, expectedMinor: 0, atRiskMinor: 0 });
    expect(codes(lapsed)).toContain("CONTRACT_LAPSED");
    const back = scored([yearly, contract("RENEW", 380)], 380);
    expect(back.churn).toBeLessThan(1e-6);
    expect(back.value?.expectedMinor).toBeGreaterThan(0);
  });

  test("UNSUBSCRIBE ends it at once, and the next SUBSCRIBE begins another", () => {
    const left = [yearly, contract("UNSUBSCRIBE", 100)];
    expect(codes(scored(left, 100))).toContain("CONTRACT_LAPSED");
    expect(codes(scored([...left, contract("SUBSCRIBE", 120)], 120))).toContain("CONTRACT_RENEWAL");
  });

  test("who buys is judged by silence again, and likelier to leave than without", () => {
    const bought = [0, 200, 360].map((day): SampleFields => ({
      type: "purchase",
      kind: "PURCHASE",
      day,
      amountMinor: 900,
    }));
    const after = scored([...bought, yearly], 370);
    const never = scored([...bought, contract("SUBSCRIBE", 0)], 370);
    expect(codes(after)).toEqual(expect.arrayContaining(["SILENCE", "CONTRACT_ENDED"]));
    expect(logit(after.churn ?? NaN) - logit(never.churn ?? NaN)).toBeCloseTo(0.7, 9);
  });
});

describe("what the events say of a contract", () => {
  test("a renewal need not repeat the term and the price, and says the date itself where it wants", () => {
    const renewed = scored([yearly, contract("RENEW", 360)], 361);
    expect(renewed.reasons.find(({ code }) => code === "CONTRACT_RENEWAL")?.params["renewsInDays"]).toBe(364);
    expect(renewed.value?.expectedMinor).toBeGreaterThan(0);
    const dated = scored([yearly, contract("RENEW", 360, { renewsAt: sampleTime(500) })], 361);
    expect(dated.reasons.find(({ code }) => code === "CONTRACT_RENEWAL")?.params["renewsInDays"]).toBe(139);
    // A term is as long as it was, though the date is near.
    const near = [yearly, contract("RENEW", 364.9, { renewsAt: sampleTime(365) })];
    expect(sampleHistory(near, model).contract?.termMs).toBe(365 * DAY_MS);
  });

  test("one with a price and no term renews itself each month until it is ended", () => {
    const open = contract("SUBSCRIBE", 0, priced);
    const later = scored([open], 100);
    const { renewsInDays, renewals } = later.reasons.find(({ code }) => code === "CONTRACT_RENEWAL")?.params ?? {};
    expect([renewsInDays, renewals]).toEqual([20, 3]);
    expect(codes(scored([open, contract("UNSUBSCRIBE", 101)], 102))).toContain("CONTRACT_LAPSED");
  });

  test("one without term, date and price is no contract", () => {
    expect(scored([contract("SUBSCRIBE", 0)], 1)).toMatchObject({ churn: null, value: null, lifecycle: "PROSPECT" });
  });
});

describe("with several plans at a time there is one contract", () => {
  const phone = (kind: string, day: number, fields: object = {}) => contract(kind, day, { plan: "phone", ...fields });
  const net = (kind: string, day: number, fields: object = {}) => contract(kind, day, { plan: "net", ...fields });
  const renewal = (events: readonly SampleFields[], day: number) =>
    scored(events, day).reasons.find(({ code }) => code === "CONTRACT_RENEWAL")?.params;

  test("its next renewal is what the newest SUBSCRIBE or RENEW says, whichever plan it is of", () => {
    const both = [phone("SUBSCRIBE", 0, { termDays: 365 }), net("SUBSCRIBE", 10, { termDays: 30 })];
    expect(renewal(both, 20)).toMatchObject({ renewsInDays: 20 });
    expect(renewal(both.toReversed(), 20)).toMatchObject({ renewsInDays: 20 });
    // The renewal of the one is taken for that of the other, with the term said last.
    expect(renewal([...both, phone("RENEW", 25)], 26)).toMatchObject({ renewsInDays: 29, renewals: 1 });
  });

  test("where the newest one's plan runs out, the contract is over though the other's would go on", () => {
    const both = [phone("SUBSCRIBE", 0, { termDays: 365 }), net("SUBSCRIBE", 10, { termDays: 30 })];
    expect(codes(scored(both, 40))).toContain("CONTRACT_LAPSED");
  });

  test("UNSUBSCRIBE of any plan ends it, unless a SUBSCRIBE or RENEW is newer", () => {
    const both = [phone("SUBSCRIBE", 0, { termDays: 365 }), net("SUBSCRIBE", 10, { termDays: 365 })];
    expect(codes(scored([...both, phone("UNSUBSCRIBE", 20)], 21))).toContain("CONTRACT_LAPSED");
    expect(renewal([...both, phone("UNSUBSCRIBE", 20), net("RENEW", 22)], 23)).toMatchObject({ renewsInDays: 364 });
  });

  test("its price is the newest one said, not the sum, while all fees count in the value so far", () => {
    const price = (amountMinor: number) => ({ amountMinor, currency: "USD", termDays: 365 });
    const { value } = scored([phone("SUBSCRIBE", 0, price(10_000)), net("SUBSCRIBE", 0.5, price(4_000))], 0.5);
    expect(value).toMatchObject({ realisedMinor: 4_200, expectedMinor: Math.round(4_000 * 0.3 * (3 / 4) * (1 / 1.1)) });
  });
});

test("a price that has no rate, or makes the sum of fees inexact, is refused and changes nothing", () => {
  const profile = sampleHistory([yearly], model);
  const terms = { referenceAt: null, model, consentDefault: "granted" } as const;
  const renew = (fields: object) =>
    applyEvent(
      profile,
      sampleEvent({ type: "interaction", kind: "RENEW", eventId: "r", occurredAt: sampleTime(9), ...fields }),
      terms,
    );
  const before = sampleHistory([yearly], model);
  expect(renew({ amountMinor: 1, currency: "CHF" })).toMatchObject({ kind: "refused", code: "NO_RATE" });
  expect(profile).toEqual(before);
  if (profile.contract === null) throw new Error("the contract is not there");
  profile.contract = { ...profile.contract, paidMinor: 2 ** 52 };
  expect(renew({ amountMinor: 1, currency: "USD" })).toMatchObject({ kind: "refused", code: "SUM_OUT_OF_RANGE" });
  expect(renew({})).toBe("applied");
});

test("the steps of a contract are the renewals as they come into a horizon, and its end, to the ms", () => {
  const profile = sampleHistory([contract("SUBSCRIBE", 0, { ...priced, termDays: 200 })], model);
  // The value horizon of 365 days reaches the renewal of day 400 from day 35 on, the churn horizon of 90 that of day 200 from day 110.
  const steps: number[] = [];
  for (let at = sampleTime(0); at !== Infinity && steps.length < 9; at = stepsUntil(profile, at, model)) steps.push(at);
  expect(steps).toEqual([0, 35, 110, 200].map(sampleTime));
  const churn = (at: number): number => score(profile, at, model).churn ?? NaN;
  expect(churn(sampleTime(110) - 1)).toBeLessThan(1e-8);
  expect(churn(sampleTime(110))).toBeGreaterThan(0.1);
});

test("a tier that is reached as a renewal comes nearer is not missed", () => {
  const { thresholds } = defaultArtefact().tiers;
  const profile = sampleHistory([yearly], model);
  const at = sampleTime(20);
  const worthMinor = score(profile, at, model).value?.expectedMinor ?? NaN;
  // Gold from where the value will be some days later.
  const tight = createModel({
    ...model.artefact,
    tiers: {
      ...model.artefact.tiers,
      thresholds: thresholds.map((each) =>
        each.tier === "GOLD" ? { ...each, fromMajor: (worthMinor + 10) / 100 } : each,
      ),
    },
  });
  judge(profile, at, tight);
  profile.tier = "SILVER";
  profile.tierSince = at;
  let asOf = at;
  let firings = 0;
  while (score(profile, asOf, tight).tier === "SILVER" && firings++ < 50) {
    asOf = nextDue(profile, asOf, tight) ?? Infinity;
  }
  expect(score(profile, asOf, tight).tier).toBe("GOLD");
  expect(score(profile, asOf - 3_600_000, tight).tier).toBe("SILVER");
  expect(asOf - at).toBeLessThan(60 * DAY_MS);
});
