import type { Profile } from "@tidemark/contracts";
import { expect, test } from "vitest";
import type { Artefact } from "./artefact.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel, type Model } from "./model.ts";
import { relationshipOf } from "./relationship.ts";
import { sampleHistory, sampleTime, type SampleFields } from "./sample-history.ts";
import { score } from "./score.ts";

const plain = modelWith({});
const costs = { SUPPORT: 4, PURCHASE: 1 };

const purchase = (day: number, fields: object = {}): SampleFields => {
  return { type: "purchase", kind: "PURCHASE", day, amountMinor: 10_000, ...fields };
};
const support = (day: number): SampleFields => ({ type: "interaction", kind: "SUPPORT", day });

test("categories have the margin that the artefact says, by what the customer buys, and the others the rate of all", () => {
  const events = [purchase(0, { category: "tea" }), purchase(9, { category: "cups" }), purchase(20)];
  const byCategory = modelWith({ value: { marginRateByCategory: { tea: 0.6, cups: 0.1 } } });
  const share = (0.6 + 0.1 + 0.3) / 3;
  expect(marginOf(events, byCategory)).toBeCloseTo((marginOf(events, plain) * share) / 0.3, 8);
  expect(realisedOf(events, byCategory)).toBe(Math.round(30_000 * share));
  expect(realisedOf(events, plain)).toBe(9_000);
});

test("where an event says its margin, that counts and not the category's", () => {
  const events = [purchase(0, { category: "tea", marginMinor: 100 })];
  expect(realisedOf(events, modelWith({ value: { marginRateByCategory: { tea: 0.6 } } }))).toBe(100);
});

test("who never sent anything back is drawn towards the refunds of all, the less the more he bought", () => {
  const refunding = modelWith({ value: { refundRate: 0.2 } });
  const lost = (events: SampleFields[]): number => 1 - marginOf(events, refunding) / marginOf(events, plain);
  const [few, many] = [[purchase(0)], Array.from({ length: 12 }, (_, i) => purchase(i * 20))].map(lost);
  expect(few).toBeGreaterThan(0.03);
  expect(many).toBeGreaterThan(0);
  expect(many).toBeLessThan((few ?? NaN) / 3);
});

test("net of costs, a purchase day brings less by what the trailing year's cost for each, and value so far by all of it", () => {
  const gross = modelWith({ costToServe: costs });
  const net = modelWith({ costToServe: costs, value: { netOfCosts: true } });
  // More than a year before the last event: spent, but no sign of what is to come.
  const events = [purchase(0), support(1), support(2), purchase(500), purchase(510), support(512), support(514)];
  expect(marginOf(events, gross) - marginOf(events, net)).toBeCloseTo((2 * 100 + 2 * 400) / 2, 8);
  expect(realisedOf(events, gross) - realisedOf(events, net)).toBe(3 * 100 + 4 * 400);
});

test("who costs more than he brings is worth less than nothing, and nothing is at risk", () => {
  const net = modelWith({ costToServe: { SUPPORT: 90 }, value: { netOfCosts: true } });
  const { value, tier } = scored([purchase(0, { amountMinor: 500 }), support(1), support(2)], net);
  expect(value?.expectedMinor).toBeLessThan(0);
  expect(value?.atRiskMinor).toBe(0);
  expect(tier).toBe("OPTIMISATION");
});

test("converted referrals count where the artefact says so", () => {
  const referral = { marginMajor: 40, share: 0.25 };
  const referred = { type: "interaction", kind: "REFERRAL", day: 5, referredCustomerId: "c2", converted: true };
  const events = [purchase(0), referred];
  expect(realisedOf(events, modelWith({ referral, value: { withReferrals: true } }))).toBe(3_000 + 1_000);
  expect(realisedOf(events, modelWith({ referral }))).toBe(3_000);
});

test("a complaint lowers the expected value and raises the value at risk, which is what would be lost times churn", () => {
  const content = [purchase(0), purchase(30), purchase(70)];
  const angry = [...content, { type: "complaint", kind: "OPENED", complaintId: "k1", severity: 5, day: 80 }];
  const before = scored(content, plain, 90);
  const after = scored(angry, plain, 90);
  expect(after.value?.expectedMinor).toBeLessThan(before.value?.expectedMinor ?? NaN);
  expect(after.value?.atRiskMinor).toBeGreaterThan(before.value?.atRiskMinor ?? NaN);
  const ratio = (after.churn ?? NaN) / (before.churn ?? NaN);
  expect((after.value?.atRiskMinor ?? NaN) / (before.value?.atRiskMinor ?? NaN)).toBeCloseTo(ratio, 2);
  const stay = (1 - (after.churn ?? NaN)) / (1 - (before.churn ?? NaN));
  expect((after.value?.expectedMinor ?? NaN) / (before.value?.expectedMinor ?? NaN)).toBeCloseTo(stay, 2);
});

function modelWith(changes: Partial<Artefact>): Model {
  return createModel({ ...defaultArtefact(), ...changes });
}

/** Of one more purchase day. */
function marginOf(events: readonly SampleFields[], model: Model): number {
  return relationshipOf(sampleHistory(events, model), model)?.buyer?.marginMinor ?? NaN;
}

function realisedOf(events: readonly SampleFields[], model: Model): number {
  return scored(events, model).value?.realisedMinor ?? NaN;
}

/** Ten days after the last event unless told otherwise. */
function scored(events: readonly SampleFields[], model: Model, day = Math.max(...events.map((each) => each.day)) + 10) {
  const profile: Profile = sampleHistory(events, model);
  return score(profile, sampleTime(day), model);
}
