import type { Lifecycle } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { indicatorsOf } from "./indicators/catalogue.ts";
import { judge } from "./judge.ts";
import { createModel } from "./model.ts";
import { nextDue } from "./next-due.ts";
import { sampleEvent } from "./sample-event.ts";
import { sampleHistory, sampleTime, type SampleFields } from "./sample-history.ts";
import { score, type ScoreBody } from "./score.ts";
import { stepsUntil } from "./valuation-bounds.ts";

// A new customer renews with 3/4, then with 4/5.
const model = createModel({ ...defaultArtefact(), renewals: { alpha: 1, beta: 3, termDays: 30 } });

/** A master record of a day, of a contract that ends on another. */
const record = (day: number, endDay: number, fields: object = {}): SampleFields => {
  return { type: "customer", day, contractEndsAt: sampleTime(endDay), ...fields };
};
const told = (kind: string, day: number, fields: object = {}): SampleFields => {
  return { type: "interaction", kind, day, ...fields };
};
const bought: SampleFields = { type: "purchase", kind: "PURCHASE", day: 0, amountMinor: 5_000 };

function scored(events: readonly SampleFields[], day: number): ScoreBody {
  return score(sampleHistory(events, model), sampleTime(day), model);
}

function standing(events: readonly SampleFields[], day: number): object | undefined {
  const found = scored(events, day).reasons.find(({ code }) => code !== "ENGAGEMENT" && code !== "CONTRACT_ENDED");
  return found === undefined ? undefined : { code: found.code, ...found.params };
}

describe("where only the customer record says when a contract ends", () => {
  test("it is to be renewed then", () => {
    const due = { code: "CONTRACT_RENEWAL", renewsInDays: 90, renewals: 0, byRecord: 1 };
    expect(standing([record(10, 300)], 210)).toMatchObject({ ...due, probability: expect.closeTo(1 / 4, 12) });
    expect(standing([record(10, 300)], 209.9)).toMatchObject({ probability: 1e-9 });
    expect(standing([record(10, 300), told("VISIT", 20)], 210)).toMatchObject(due);
    // Who subscribes to news says nothing of it.
    expect(standing([record(10, 300), told("SUBSCRIBE", 20)], 210)).toMatchObject(due);
  });

  test("once it is over its customer has left, or is judged by purchases if there are any", () => {
    expect(standing([record(10, 300)], 300)).toEqual({ code: "CONTRACT_LAPSED", endedDays: 0 });
    expect(scored([record(10, 300)], 300)).toMatchObject({ lifecycle: "SLIPPING", value: { expectedMinor: 0 } });
    const buyer = scored([bought, record(10, 300)], 301);
    expect(buyer.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(["SILENCE", "CONTRACT_ENDED"]));
  });

  test("value is that of the purchases, since a record has no price", () => {
    expect(scored([record(10, 300)], 20).value).toMatchObject({ expectedMinor: 0, atRiskMinor: 0 });
    const both = scored([bought, record(10, 300)], 20);
    expect(both.churn).toBeCloseTo(0, 6);
    expect(both.value?.expectedMinor).toBe(scored([bought], 20).value?.expectedMinor);
    expect(both.value?.expectedMinor).toBeGreaterThan(0);
  });

  test("its term is a year: behind the end that is said a second renewal is a year away", () => {
    const long = createModel({ ...model.artefact, churnHorizonDays: 400 });
    const { reasons } = score(sampleHistory([record(10, 30)], long), sampleTime(10), long);
    expect(reasons[0]?.params["probability"]).toBeCloseTo(1 - (3 / 4) * (4 / 5), 12);
  });

  test("a later record moves its end, and one without an end takes the contract back", () => {
    expect(standing([record(10, 300), record(290, 660)], 310)).toMatchObject({ renewsInDays: 350 });
    expect(standing([record(290, 660), record(10, 300)], 310)).toMatchObject({ renewsInDays: 350 });
    expect(scored([record(10, 300), { type: "customer", day: 20 }], 30).lifecycle).toBe("PROSPECT");
  });

  test("a record that protects the end says none", () => {
    expect(scored([record(10, 300, { protected: ["contractEndsAt"] })], 30).lifecycle).toBe("PROSPECT");
  });

  test("how long it has run is not known: its customer does not count as new", () => {
    expect(scored([record(10, 300)], 11).lifecycle).toBe("ACTIVE");
  });
});

describe("beside what events say", () => {
  const yearly = told("SUBSCRIBE", 0, { termDays: 365 });

  test("a term or a date of SUBSCRIBE or RENEW wins over the record, whichever is newer", () => {
    expect(standing([yearly, record(10, 300)], 20)).toMatchObject({ renewsInDays: 345 });
    expect(standing([yearly, record(10, 300)], 20)).not.toHaveProperty("byRecord");
    expect(standing([record(10, 900), yearly], 365)).toMatchObject({ code: "CONTRACT_LAPSED" });
  });

  test("a price without a term is that of the record's contract", () => {
    const priced = told("SUBSCRIBE", 0, { amountMinor: 12_000, currency: "USD" });
    expect(standing([priced, record(10, 300)], 20)).toMatchObject({ renewsInDays: 280, byRecord: 1 });
    const { value } = scored([priced, record(10, 300)], 20);
    expect(value?.expectedMinor).toBe(Math.round(12_000 * 0.3 * (3 / 4) * 1.1 ** (-280 / 365)));
    // What is paid for since the end that the record says is another contract.
    expect(standing([record(-400, -50), priced], 20)).toMatchObject({ renewsInDays: 10, everyDays: 30 });
  });

  test("UNSUBSCRIBE ends it at once, until a newer record or SUBSCRIBE says otherwise", () => {
    const left = [record(10, 300), told("UNSUBSCRIBE", 100)];
    expect(standing(left, 110)).toEqual({ code: "CONTRACT_LAPSED", endedDays: 10, byCustomer: 1 });
    expect(standing([...left, record(105, 300)], 110)).toMatchObject({ code: "CONTRACT_RENEWAL" });
    expect(standing([...left, told("SUBSCRIBE", 105)], 110)).toMatchObject({ code: "CONTRACT_RENEWAL" });
    // What had run out before was not ended.
    expect(standing([record(10, 90), told("UNSUBSCRIBE", 100)], 110)).toEqual({
      code: "CONTRACT_LAPSED",
      endedDays: 20,
    });
  });
});

test("the indicator of the days left goes by the contract that churn is told by", () => {
  const daysLeft = (events: readonly SampleFields[], day: number) =>
    indicatorsOf(sampleHistory(events, model), sampleTime(day), model)["contractDaysLeft"];
  const yearly = told("SUBSCRIBE", 0, { termDays: 365 });
  expect(daysLeft([record(10, 300)], 20)).toBe(280);
  expect(daysLeft([record(10, 300)], 320)).toBe(-20);
  expect(daysLeft([record(10, 300), yearly], 20)).toBe(345);
  expect(daysLeft([yearly, told("UNSUBSCRIBE", 100)], 120)).toBe(-20);
  expect(daysLeft([told("SUBSCRIBE", 0, { amountMinor: 1, currency: "USD" })], 70)).toBe(20);
  expect(daysLeft([bought], 70)).toBeNull();
});

test("the renewal as it comes into a horizon, and the end that the record says, are steps to the ms; the stage changes at them", () => {
  const profile = sampleHistory([record(10, 450)], model);
  const steps: number[] = [];
  for (let at = sampleTime(10); at !== Infinity && steps.length < 9; at = stepsUntil(profile, at, model)) {
    steps.push(at);
  }
  expect(steps).toEqual([10, 85, 360, 450].map(sampleTime));
  judge(profile, sampleTime(10), model);
  const stages: [Lifecycle, number][] = [];
  for (let at: number | null = sampleTime(10); at !== null && stages.length < 3; at = nextDue(profile, at, model)) {
    if (judge(profile, at, model).lifecycleChanged || stages.length === 0) stages.push([profile.lifecycle, at]);
  }
  // Lost where the contract has been over for as long as lost takes beyond slipping.
  expect(stages).toEqual([
    ["ACTIVE", sampleTime(10)],
    ["SLIPPING", sampleTime(450)],
    ["LOST", sampleTime(600)],
  ]);
});

test("a profile that an earlier version judged a prospect is a customer once anything comes", () => {
  const profile = sampleHistory([record(10, 300)], model);
  profile.lifecycle = "PROSPECT";
  profile.lifecycleSince = sampleTime(10);
  const visit = sampleEvent({ type: "interaction", kind: "VISIT", eventId: "v", occurredAt: sampleTime(20) });
  applyEvent(profile, visit, { referenceAt: null, model, consentDefault: "granted" });
  const { body, tier } = judge(profile, sampleTime(20), model);
  expect(body).toMatchObject({ lifecycle: "ACTIVE", tier: "OPTIMISATION" });
  expect(tier?.reason).toBe("FIRST");
  expect(nextDue(profile, sampleTime(20), model)).toBe(sampleTime(300));
});
