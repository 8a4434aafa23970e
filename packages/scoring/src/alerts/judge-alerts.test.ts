import { emptyProfile, type Profile } from "@tidemark/contracts";
import { expect, test } from "vitest";
import { applyEvent } from "../apply-event.ts";
import { DAY_MS } from "../day-calendar.ts";
import { defaultArtefact } from "../default-artefact.ts";
import { createModel, type Model } from "../model.ts";
import { sampleEvent } from "../sample-event.ts";
import { judgeAlerts } from "./judge-alerts.ts";

// Bands .5 and .7, hysteresis .05, cool-down 7 days; reviews below −.25, for 30 days, cool-down 7; complaints after 48 hours, cool-down 3 days;
// payments after 3 days, cool-down 7; a loss, cool-down 30.
const model = createModel({ ...defaultArtefact(), costToServe: { SUPPORT: 10 } });
const START = Date.UTC(2026, 0, 1);

/** A customer, and what is told of them day by day: "RAISED CHURN 0.5", with the version that raised it. */
function customer(by: Model = model) {
  const profile: Profile = emptyProfile("c1");
  let events = 0;
  const send = (days: number, fields: Readonly<Record<string, unknown>> & { readonly type: string }): void => {
    const event = sampleEvent({ ...fields, eventId: `e${events++}`, occurredAt: START + days * DAY_MS });
    const outcome = applyEvent(profile, event, { referenceAt: null, model: by, consentDefault: "granted" });
    expect(outcome).toBe("applied");
  };
  const buy = (days: number, fields: object = {}): void =>
    send(days, { type: "purchase", kind: "PURCHASE", amountMinor: 1_000, ...fields });
  const judged = (days: number, churn: number | null, realisedMinor = 300): readonly string[] => {
    const value = { realisedMinor, expectedMinor: 0, atRiskMinor: 0, currency: "USD" };
    const asOf = START + days * DAY_MS;
    const changes = judgeAlerts(profile, { churn, value: churn === null ? null : value, asOf }, ++profile.version, by);
    return (changes ?? []).map(({ state, kind, band, raisedVersion }) =>
      [state, kind, ...(band === null ? [] : [band]), `v${raisedVersion}`].join(" "),
    );
  };
  return { profile, send, buy, judged };
}

test("a crossing upward is raised, being above is not, and of one purchase no band is raised twice", () => {
  const { buy, judged } = customer();
  buy(0);
  buy(10);
  expect(judged(10, 0.4)).toEqual([]);
  expect(judged(20, 0.5)).toEqual(["RAISED CHURN 0.5 v2"]);
  expect(judged(30, 0.72)).toEqual(["RAISED CHURN 0.7 v3"]);
  // Within the hysteresis, below it, and above again.
  expect(judged(40, 0.46)).toEqual(["CLEARED CHURN 0.7 v3"]);
  expect(judged(41, 0.44)).toEqual(["CLEARED CHURN 0.5 v2"]);
  expect(judged(60, 0.8)).toEqual([]);
});

test("who buys once is not watched, and who is above a band after a purchase has not crossed it", () => {
  const { buy, judged } = customer();
  buy(0);
  expect(judged(0, 0.4)).toEqual([]);
  expect(judged(9, 0.9)).toEqual([]);
  buy(10);
  expect(judged(10, 0.55)).toEqual([]);
  expect(judged(11, 0.69)).toEqual([]);
  expect(judged(12, 0.71)).toEqual(["RAISED CHURN 0.7 v5"]);
  // Below .5, but not by the hysteresis: no crossing yet.
  expect(judged(13, 0.47)).toEqual(["CLEARED CHURN 0.7 v5"]);
  expect(judged(14, 0.6)).toEqual([]);
  expect(judged(15, 0.44)).toEqual([]);
  expect(judged(16, 0.5)).toEqual(["RAISED CHURN 0.5 v9"]);
});

test("a purchase clears what stands and arms anew, and the cool-down holds the next back until it is over", () => {
  const { buy, judged } = customer();
  buy(0);
  buy(10);
  judged(10, 0.4);
  expect(judged(20, 0.5)).toEqual(["RAISED CHURN 0.5 v2"]);
  buy(21);
  expect(judged(21, 0.49)).toEqual(["CLEARED CHURN 0.5 v2"]);
  expect(judged(26.9, 0.6)).toEqual([]);
  expect(judged(27, 0.6)).toEqual(["RAISED CHURN 0.5 v5"]);
});

test("a purchase clears though churn stays above the band", () => {
  const { buy, judged } = customer();
  buy(0);
  buy(10);
  judged(10, 0.4);
  judged(20, 0.55);
  buy(21);
  expect(judged(21, 0.55)).toEqual(["CLEARED CHURN 0.5 v2"]);
  expect(judged(40, 0.6)).toEqual([]);
});

test("a customer turns loss-making once a profit is gone, and is cleared with the next", () => {
  const { buy, send, judged } = customer();
  buy(0);
  expect(judged(0, 0.4, 300)).toEqual([]);
  send(1, { type: "interaction", kind: "SUPPORT" });
  expect(judged(1, 0.4, 300)).toEqual(["RAISED LOSS_MAKING v2"]);
  expect(judged(2, 0.4, 300)).toEqual([]);
  expect(judged(3, 0.4, 1_000)).toEqual(["CLEARED LOSS_MAKING v2"]);
  expect(judged(30.9, 0.4, 300)).toEqual([]);
  expect(judged(31, 0.4, 300)).toEqual(["RAISED LOSS_MAKING v6"]);
});

test("who never had a profit did not turn loss-making, and where costs are not known nobody does", () => {
  for (const by of [model, createModel(defaultArtefact())]) {
    const { buy, send, judged } = customer(by);
    send(0, { type: "interaction", kind: "SUPPORT" });
    buy(0);
    expect(judged(0, 0.4, by === model ? 300 : 900)).toEqual([]);
    expect(judged(1, 0.4, -5)).toEqual([]);
  }
});

test("a negative review stands for so long, or until a better one; an angry week is told once", () => {
  const { buy, send, judged } = customer();
  const review = (days: number, sentiment: number): void =>
    send(days, { type: "interaction", kind: "REVIEW", sentiment });
  buy(0);
  review(1, -0.2);
  expect(judged(1, 0.4)).toEqual([]);
  review(2, -0.9);
  expect(judged(2, 0.4)).toEqual(["RAISED NEGATIVE_REVIEW v2"]);
  review(3, -0.8);
  expect(judged(3, 0.4)).toEqual([]);
  expect(judged(9, 0.4)).toEqual(["CLEARED NEGATIVE_REVIEW v2", "RAISED NEGATIVE_REVIEW v4"]);
  expect(judged(32.9, 0.4)).toEqual([]);
  expect(judged(33, 0.4)).toEqual(["CLEARED NEGATIVE_REVIEW v4"]);
  review(40, -1);
  expect(judged(40, 0.4)).toEqual(["RAISED NEGATIVE_REVIEW v7"]);
  review(41, 0.5);
  expect(judged(41, 0.4)).toEqual(["CLEARED NEGATIVE_REVIEW v7"]);
  // An older one that comes late is not the newest.
  review(40.5, -1);
  expect(judged(48, 0.4)).toEqual([]);
});

test("a complaint is overdue after the hours promised, and cleared when it is no longer open", () => {
  const { buy, send, judged } = customer();
  const step = (days: number, kind: string, complaintId: string): void =>
    send(days, { type: "complaint", kind, complaintId });
  buy(0);
  step(1, "OPENED", "k1");
  step(2, "OPENED", "k2");
  expect(judged(3 - 1 / 24, 0.4)).toEqual([]);
  expect(judged(3, 0.4)).toEqual(["RAISED COMPLAINT_OVERDUE v2"]);
  expect(judged(4, 0.4)).toEqual(["RAISED COMPLAINT_OVERDUE v3"]);
  step(5.5, "RESOLVED", "k1");
  expect(judged(5.5, 0.4)).toEqual(["CLEARED COMPLAINT_OVERDUE v2"]);
  expect(judged(8, 0.4)).toEqual([]);
  step(8, "WITHDRAWN", "k2");
  expect(judged(8, 0.4)).toEqual(["CLEARED COMPLAINT_OVERDUE v3"]);
});

test("a payment is overdue some days after its due time, with what is owed, and cleared when it is paid", () => {
  const { buy, send, judged, profile } = customer();
  buy(0, { orderId: "o1", dueAt: START + 14 * DAY_MS });
  expect(judged(17, 0.4)).toEqual([]);
  const asOf = START + 17 * DAY_MS + 1;
  const value = { realisedMinor: 1, expectedMinor: 0, atRiskMinor: 0, currency: "USD" };
  expect(judgeAlerts({ ...profile }, { churn: 0.4, value, asOf }, 2, model)).toMatchObject([
    { kind: "PAYMENT_OVERDUE", subject: expect.stringMatching(/^[0-9a-f]{16}$/), since: START + 14 * DAY_MS },
  ]);
  expect(judged(18, 0.4)).toEqual(["RAISED PAYMENT_OVERDUE v2"]);
  send(19, { type: "purchase", kind: "PAYMENT", orderId: "o1", amountMinor: 1_000, originalOccurredAt: START });
  expect(judged(19, 0.4)).toEqual(["CLEARED PAYMENT_OVERDUE v2"]);
});

test("of one kind so many stand at most, and the next is raised when one of them is cleared", () => {
  const { buy, send, judged, profile } = customer();
  buy(0);
  for (let i = 0; i < 8; i++) send(1, { type: "complaint", kind: "OPENED", complaintId: `k${i}` });
  expect(judged(10, 0.4)).toHaveLength(6);
  expect(judged(20, 0.4)).toEqual([]);
  send(21, { type: "complaint", kind: "RESOLVED", complaintId: "k3" });
  expect(judged(21, 0.4)).toEqual(["CLEARED COMPLAINT_OVERDUE v1", "RAISED COMPLAINT_OVERDUE v3"]);
  expect(profile.alerts).toHaveLength(6);
});

test("a prospect has no alert: what stands is cleared", () => {
  const { buy, send, judged, profile } = customer();
  buy(0, { orderId: "o1" });
  send(0, { type: "complaint", kind: "OPENED", complaintId: "k1" });
  expect(judged(5, 0.4)).toEqual(["RAISED COMPLAINT_OVERDUE v1"]);
  expect(judged(6, null)).toEqual(["CLEARED COMPLAINT_OVERDUE v1"]);
  expect(profile).toMatchObject({ alerts: [], alertFlags: 0 });
  expect(judged(7, null)).toEqual([]);
});
