import { emptyProfile } from "@tidemark/contracts";
import {
  createDiscountSchedule,
  discountedPurchasesAlive,
  gammaGammaMean,
  logistic,
  logit,
  mbgAlive,
  mbgSilence,
} from "@tidemark/models";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";
import { SAMPLE_START, type SampleLife, sampleProfile } from "./sample-profile.ts";
import { score } from "./score.ts";

const artefact = defaultArtefact();
const model = createModel(artefact);
const THREE_PURCHASES = [
  { day: 0, amountMinor: 2_933 },
  { day: 17, amountMinor: 2_973 },
  { day: 213, amountMinor: 1_496 },
];

describe("a buyer", () => {
  test("is worth what the published formulas say, computed apart", () => {
    const asOf = SAMPLE_START + 273 * DAY_MS;
    const { value, churn, churnAfterLastPurchase, reasons } = score(
      sampleProfile({ purchases: THREE_PURCHASES }, model),
      asOf,
      model,
    );
    const x = 2;
    const tx = 213 / 7;
    const T = 272 / 7;
    const year = createDiscountSchedule({ horizon: 365 / 7, period: 1, year: 365 / 7, rate: 0.1 });
    const alive = mbgAlive(artefact.purchases, x, tx, T);
    const silence = mbgSilence(artefact.purchases, x, tx, T, 90 / 7);
    const ifAlive =
      discountedPurchasesAlive(artefact.purchases, x, T, year) * gammaGammaMean(artefact.spend, x, 44.69) * 0.3 * 100;
    expect(value).toEqual({
      realisedMinor: Math.round(7_402 * 0.3),
      expectedMinor: Math.round(alive * ifAlive),
      atRiskMinor: Math.round(ifAlive * silence),
      currency: "USD",
    });
    expect(churn).toBeCloseTo(silence, 12);
    expect(churnAfterLastPurchase).toBe(mbgSilence(artefact.purchases, x, tx, tx, 90 / 7));
    expect(reasons.map(({ code }) => code)).toEqual(["SILENCE"]);
    expect(reasons[0]?.params).toEqual({ silentDays: 59, purchaseDays: 3, horizonDays: 90, probability: silence });
  });

  test("who complains is likelier to leave, worth less, and both by the same hazard", () => {
    const asOf = SAMPLE_START + 273 * DAY_MS;
    const content = score(sampleProfile({ purchases: THREE_PURCHASES }, model), asOf, model);
    const angry = score(
      sampleProfile({ purchases: THREE_PURCHASES, complaints: [{ day: 272, open: true }] }, model),
      asOf,
      model,
    );
    const silence = content.churn ?? NaN;
    const churn = angry.churn ?? NaN;
    expect(logit(churn) - logit(silence)).toBeCloseTo(1.33, 10);
    const ratio = (1 - churn) / (1 - silence);
    expect(angry.value?.expectedMinor).toBeCloseTo((content.value?.expectedMinor ?? NaN) * ratio, -0.5);
    expect(angry.value?.atRiskMinor).toBeGreaterThan(content.value?.atRiskMinor ?? NaN);
    expect(angry.reasons.map(({ code }) => code)).toEqual(["COMPLAINTS_RECENT", "SILENCE", "COMPLAINT_OPEN"]);
  });

  test("who visits is less likely to leave, the less the longer ago", () => {
    const asOf = SAMPLE_START + 273 * DAY_MS;
    const churn = (visits: number[]): number =>
      score(sampleProfile({ purchases: THREE_PURCHASES, visits }, model), asOf, model).churn ?? NaN;
    expect(churn([270, 271, 272])).toBeLessThan(churn([240, 241, 242]));
    expect(churn([240, 241, 242])).toBeLessThan(churn([]));
  });

  test("has the margin that events say as realised, refunds taken off, and the model's rate on the rest", () => {
    const profile = emptyProfile("c1");
    const terms = { referenceAt: null, model, consentDefault: "granted" } as const;
    const send = (eventId: string, kind: string, amountMinor: number, marginMinor: number | null): void => {
      applyEvent(
        profile,
        sampleEvent({ type: "purchase", eventId, kind, amountMinor, marginMinor, occurredAt: SAMPLE_START }),
        terms,
      );
    };
    send("a", "PURCHASE", 1_000, 500);
    send("b", "PURCHASE", 1_000, null);
    send("c", "REFUND", 400, 200);
    send("d", "REFUND", 100, null);
    expect(score(profile, SAMPLE_START + DAY_MS, model).value?.realisedMinor).toBe(500 - 200 + 900 * 0.3);
  });

  test("who sends goods back is worth less from now on", () => {
    const profile = sampleProfile({ purchases: THREE_PURCHASES }, model);
    const asOf = SAMPLE_START + 273 * DAY_MS;
    const before = score(profile, asOf, model).value?.expectedMinor ?? NaN;
    const refund = sampleEvent({
      type: "purchase",
      kind: "REFUND",
      eventId: "r",
      amountMinor: 3_000,
      occurredAt: asOf,
    });
    applyEvent(profile, refund, { referenceAt: null, model, consentDefault: "granted" });
    expect(score(profile, asOf, model).value?.expectedMinor).toBeLessThan(before * 0.8);
  });

  test("on the first purchase day has an age of 0, and ages continuously from its end", () => {
    const profile = sampleProfile({ purchases: [{ day: 0.5, amountMinor: 100 }] }, model);
    const silentDays = (asOf: number): number => score(profile, asOf, model).reasons[0]?.params["silentDays"] ?? NaN;
    expect(silentDays(SAMPLE_START + DAY_MS / 2)).toBe(0);
    expect(silentDays(SAMPLE_START + DAY_MS)).toBe(0);
    expect(silentDays(SAMPLE_START + 2.5 * DAY_MS)).toBeCloseTo(1.5, 12);
  });

  test("on the day of a repeat purchase has the age of the recency, as just after it", () => {
    const profile = sampleProfile({ purchases: THREE_PURCHASES }, model);
    const { churn, churnAfterLastPurchase, reasons } = score(profile, SAMPLE_START + 213.5 * DAY_MS, model);
    expect(reasons[0]?.params["silentDays"]).toBe(0);
    expect(churn).toBeCloseTo(churnAfterLastPurchase ?? NaN, 12);
  });

  test("silent for ever has a churn next to 1, and reasons that are finite", () => {
    const { churn, reasons } = score(
      sampleProfile({ purchases: THREE_PURCHASES }, model),
      SAMPLE_START + 3e6 * DAY_MS,
      model,
    );
    expect(churn).toBeCloseTo(1 - 1e-9, 14);
    expect(reasons[0]?.logit).toBeCloseTo(20.723, 3);
  });
});

test("a prospect has no churn, no value, no tier and no reasons", () => {
  expect(
    score(sampleProfile({ visits: [0], complaints: [{ day: 1, open: true }] }, model), SAMPLE_START, model),
  ).toMatchObject({
    value: null,
    churn: null,
    churnHorizonDays: null,
    churnAfterLastPurchase: null,
    tier: "NONE",
    lifecycle: "PROSPECT",
    reasons: [],
    completeness: 0.25,
  });
});

test("a profile that is broken throws and does not score", () => {
  const profile = sampleProfile({ purchases: THREE_PURCHASES }, model);
  profile.lastDay = NaN;
  expect(() => score(profile, SAMPLE_START + 300 * DAY_MS, model)).toThrow("finite");
});

test("probabilities lie in [0, 1], reasons add up to the logit of churn, and silence never falls while nothing happens", () => {
  fc.assert(
    fc.property(anyLife(), fc.array(fc.double({ min: 0, max: 4000, noNaN: true }), { maxLength: 10 }), (life, days) => {
      const profile = sampleProfile(life, model);
      let silenceBefore = -Infinity;
      for (const day of days.toSorted((a, b) => a - b)) {
        const { churn, churnAfterLastPurchase, reasons, value } = score(
          profile,
          SAMPLE_START + Math.floor((200 + day) * DAY_MS),
          model,
        );
        const sum = reasons.reduce((total, { logit: term }) => total + term, 0);
        expect(Math.abs(logistic(sum) - (churn ?? NaN))).toBeLessThan(1e-12);
        for (const probability of [churn, churnAfterLastPurchase]) {
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
        expect(value?.expectedMinor).toBeGreaterThanOrEqual(0);
        const silence = reasons.find(({ code }) => code === "SILENCE")?.logit ?? NaN;
        expect(silence).toBeGreaterThanOrEqual(silenceBefore - 1e-12);
        silenceBefore = silence;
      }
    }),
    { numRuns: 200 },
  );
});

function anyLife(): fc.Arbitrary<SampleLife> {
  const day = fc.double({ min: 0, max: 199, noNaN: true });
  return fc.record({
    purchases: fc.array(fc.record({ day, amountMinor: fc.integer({ min: 0, max: 1_000_000 }) }), {
      minLength: 1,
      maxLength: 12,
    }),
    visits: fc.array(day, { maxLength: 10 }),
    complaints: fc.array(fc.record({ day, open: fc.boolean() }), { maxLength: 6 }),
  });
}
