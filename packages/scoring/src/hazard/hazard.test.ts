import type { Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../day-calendar.ts";
import { defaultArtefact } from "../default-artefact.ts";
import { createModel, type Model } from "../model.ts";
import { sampleHistory, sampleTime, type SampleFields } from "../sample-history.ts";
import { HAZARD_TERMS, hazardStepAt } from "./hazard.ts";

const model = createModel(defaultArtefact());
const HOUR_MS = 3_600_000;

const purchase = (day: number, fields: object = {}): SampleFields => {
  return { type: "purchase", kind: "PURCHASE", day, amountMinor: 1_000, ...fields };
};
const complaint = (kind: string, day: number, fields: object = {}): SampleFields => {
  return { type: "complaint", kind, day, complaintId: "k1", ...fields };
};
const interaction = (kind: string, day: number, fields: object = {}): SampleFields => {
  return { type: "interaction", kind, day, ...fields };
};

describe("a term begins and ends at the very ms", () => {
  test("an open complaint is overdue once the promised time is over, and not before", () => {
    const profile = history([purchase(0), complaint("OPENED", 1)]);
    const due = sampleTime(1) + 48 * HOUR_MS;
    expect(hazardStepAt(profile, sampleTime(1), model)).toBe(due);
    expectStep(profile, "COMPLAINT_OVERDUE", due, 0, 0.3);
    expect(evidence(profile, "COMPLAINT_OVERDUE", due)).toEqual({ overdue: 1, promisedHours: 48 });
    const strict = createModel(defaultArtefact({ complaintSlaHours: 24 }));
    expectStep(profile, "COMPLAINT_OVERDUE", sampleTime(2), 0, 0.3, strict);
  });

  test("what is opened again has its time again, and what is resolved is not overdue", () => {
    const steps = [purchase(0), complaint("OPENED", 1), complaint("RESOLVED", 2)];
    expect(term(history(steps), "COMPLAINT_OVERDUE", sampleTime(9))).toBe(0);
    expectStep(history([...steps, complaint("REOPENED", 20)]), "COMPLAINT_OVERDUE", sampleTime(22), 0, 0.3);
  });

  test("the gravest complaint counts for 90 days from its opening, then the next", () => {
    const profile = history([
      purchase(0),
      complaint("OPENED", 1, { severity: 5 }),
      complaint("OPENED", 5, { severity: 4, complaintId: "k2" }),
      complaint("OPENED", 9, { severity: 2, complaintId: "k3" }),
    ]);
    expect(evidence(profile, "COMPLAINT_SEVERITY", sampleTime(11))).toEqual({ severity: 5, agoDays: 10 });
    expectStep(profile, "COMPLAINT_SEVERITY", sampleTime(91), 0.6, 0.3);
    expectStep(profile, "COMPLAINT_SEVERITY", sampleTime(95), 0.3, 0);
  });

  test("a withdrawn complaint has no severity, and a later step may say a graver one", () => {
    const opened = [purchase(0), complaint("OPENED", 1, { severity: 4 })];
    expect(term(history([...opened, complaint("WITHDRAWN", 2)]), "COMPLAINT_SEVERITY", sampleTime(3))).toBe(0);
    const graver = history([...opened, complaint("REOPENED", 2, { severity: 5 })]);
    expect(term(graver, "COMPLAINT_SEVERITY", sampleTime(3))).toBe(0.6);
  });

  test("a payment is overdue from the first ms after its due time until it is paid", () => {
    const bought = [purchase(0, { orderId: "o1", dueAt: sampleTime(30) })];
    const unpaid = history(bought);
    expect(hazardStepAt(unpaid, sampleTime(1), model)).toBe(sampleTime(30) + 1);
    expectStep(unpaid, "PAYMENT_OVERDUE", sampleTime(30) + 1, 0, 0.3);
    expect(evidence(unpaid, "PAYMENT_OVERDUE", sampleTime(40))).toEqual({
      overdue: 1,
      overdueDays: 10,
      overdueMinor: 1_000,
    });
    const paid = history([
      ...bought,
      { type: "purchase", kind: "PAYMENT", day: 35, orderId: "o1", amountMinor: 1_000 },
    ]);
    expect(term(paid, "PAYMENT_OVERDUE", sampleTime(40))).toBe(0);
  });

  test("two orders paid late count until the first of them is 180 days old", () => {
    const late = (orderId: string, paidDay: number): SampleFields[] => [
      purchase(0, { orderId, dueAt: sampleTime(10) }),
      { type: "purchase", kind: "PAYMENT", day: paidDay, orderId, amountMinor: 1_000 },
    ];
    const profile = history([...late("o1", 20), ...late("o2", 25)]);
    expect(evidence(profile, "PAYMENTS_LATE", sampleTime(30))).toEqual({ late: 2, withinDays: 180 });
    expect(hazardStepAt(profile, sampleTime(30), model)).toBe(sampleTime(200));
    expectStep(profile, "PAYMENTS_LATE", sampleTime(200), 0.2, 0);
    expect(term(history(late("o1", 20)), "PAYMENTS_LATE", sampleTime(30))).toBe(0);
    expect(term(history([...late("o1", 9), ...late("o2", 10)]), "PAYMENTS_LATE", sampleTime(30))).toBe(0);
  });

  test("the fourth support contact counts until they have worn off to three and a half", () => {
    const three = [purchase(0), ...[1, 2, 3].map(() => interaction("SUPPORT", 5))];
    expect(term(history(three), "SUPPORT_CONTACTS", sampleTime(5))).toBe(0);
    const profile = history([...three, interaction("SUPPORT", 5)]);
    const left = Math.ceil(sampleTime(5) + 90 * DAY_MS * Math.log2(4 / 3.5));
    expect(hazardStepAt(profile, sampleTime(5), model)).toBe(left);
    expectStep(profile, "SUPPORT_CONTACTS", left, 0.9, 0);
  });

  test("low marks of either scale and hostile reviews count, good ones do not", () => {
    const said = (...events: SampleFields[]): Profile => history([purchase(0), ...events]);
    const mark = (scale: string, rating: number): SampleFields => interaction("FEEDBACK", 1, { scale, rating });
    const lowRatings = (...events: SampleFields[]): number => term(said(...events), "LOW_RATINGS", sampleTime(1));
    expect(
      [mark("NPS", 6), mark("NPS", 7), mark("CSAT", 2), mark("CSAT", 3)].map((event) => lowRatings(event)),
    ).toEqual([0.3, 0, 0.3, 0]);
    expect(lowRatings(mark("NPS", 0), mark("CSAT", 1), mark("CSAT", 5))).toBe(0.5);
    const review = (sentiment: number): number =>
      term(said(interaction("REVIEW", 1, { sentiment })), "NEGATIVE_REVIEWS", sampleTime(1));
    expect([-1, -0.2, 0, 0.9].map(review)).toEqual([0.3, 0, 0, 0]);
    const mixed = said(interaction("REVIEW", 1, { sentiment: -1 }), interaction("REVIEW", 1, { sentiment: 1 }));
    expect(term(mixed, "NEGATIVE_REVIEWS", sampleTime(1))).toBe(0.3);
  });
});

describe("a customer is held against his own norm", () => {
  /** A visit a day, then none. */
  const visitor = history([purchase(0), ...Array.from({ length: 700 }, (_, day) => interaction("VISIT", day))]);

  test("activity as usual is no fall; without any it rises from the half on until it is as high as it may be", () => {
    const fall = (day: number): number => term(visitor, "ACTIVITY_FALL", sampleTime(day));
    expect(fall(700)).toBe(0);
    const rising = [745, 755, 770, 785].map(fall);
    expect(rising.every((value, i) => value > (rising[i - 1] ?? 0))).toBe(true);
    expect(fall(900)).toBe(0.2 * Math.log(8));
    // 180-day and 30-day rates part by a factor of 2 in 36 days.
    const ratio = (day: number): number => evidence(visitor, "ACTIVITY_FALL", sampleTime(day))["ofUsual"] ?? NaN;
    expect(ratio(776) / ratio(740)).toBeCloseTo(0.5, 10);
  });

  test("whoever hardly ever came has no norm", () => {
    const profile = history([purchase(0), ...[0, 1, 2, 3].map((day) => interaction("VISIT", day))]);
    expect(term(profile, "ACTIVITY_FALL", sampleTime(300))).toBe(0);
  });

  test("smaller orders than usual count, and time alone does not change it", () => {
    const large = [0, 10, 20].map((day) => purchase(day, { amountMinor: 20_000 }));
    const small = [300, 310, 320].map((day) => purchase(day));
    const profile = history([...large, ...small]);
    const { ofUsual = NaN } = evidence(profile, "SPEND_FALL", sampleTime(330));
    const weights = (days: number[]): number => days.reduce((sum, day) => sum + 2 ** (-(320 - day) / 90), 0);
    const [old, recent] = [weights([0, 10, 20]), weights([300, 310, 320])];
    expect(ofUsual).toBeCloseTo((20_000 * old + 1_000 * recent) / (old + recent) / 10_500, 10);
    expect(term(profile, "SPEND_FALL", sampleTime(330))).toBeCloseTo(0.2 * Math.log(2 / 3 / ofUsual), 10);
    expect(term(profile, "SPEND_FALL", sampleTime(700))).toBe(term(profile, "SPEND_FALL", sampleTime(330)));
    expect(term(history([...large, ...large]), "SPEND_FALL", sampleTime(330))).toBe(0);
  });
});

test("of a customer to whom nothing happened every term is 0, and none ever jumps", () => {
  const profile = history([purchase(0), purchase(30)]);
  expect(HAZARD_TERMS.map(({ logit }) => logit(profile, sampleTime(100), model)).every((logit) => logit === 0)).toBe(
    true,
  );
  expect(hazardStepAt(profile, sampleTime(100), model)).toBe(Infinity);
});

test("of an older model, which has none of the new coefficients, the new terms are 0 and never jump", () => {
  const { intercept, complaintOpen, complaintSteps, engagement } = defaultArtefact().hazard;
  const older = createModel({ ...defaultArtefact(), hazard: { intercept, complaintOpen, complaintSteps, engagement } });
  const profile = history([
    purchase(0, { orderId: "o1", dueAt: sampleTime(30) }),
    interaction("SUBSCRIBE", 0, { termDays: 30 }),
    ...[1, 2, 3, 4, 5, 6].flatMap((day) => [interaction("SUPPORT", day), interaction("VISIT", day)]),
    interaction("REVIEW", 2, { sentiment: -1 }),
    complaint("OPENED", 1, { severity: 5 }),
  ]);
  const codes = HAZARD_TERMS.filter(({ logit }) => logit(profile, sampleTime(50), older) !== 0).map(({ code }) => code);
  expect(codes).toEqual(["COMPLAINT_OPEN", "COMPLAINTS_RECENT", "ENGAGEMENT"]);
  // One complaint wears off to the half in 90 days.
  expect(hazardStepAt(profile, sampleTime(2), older)).toBe(sampleTime(91));
});

function history(events: readonly SampleFields[]): Profile {
  return sampleHistory(events, model);
}

function found(code: string) {
  const hazardTerm = HAZARD_TERMS.find((candidate) => candidate.code === code);
  if (hazardTerm === undefined) throw new Error(`there is no term ${code}`);
  return hazardTerm;
}

function term(profile: Profile, code: string, asOf: number, by: Model = model): number {
  return found(code).logit(profile, asOf, by);
}

function evidence(profile: Profile, code: string, asOf: number) {
  return found(code).evidence(profile, asOf, model);
}

function expectStep(profile: Profile, code: string, at: number, before: number, after: number, by = model): void {
  expect([term(profile, code, at - 1, by), term(profile, code, at, by)]).toEqual([before, after]);
}
