import { type Contracts, emptyProfile, openContracts, type Profile, PROFILE_BYTES_MAX } from "@tidemark/contracts";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { SUBJECTS_MAX } from "./alerts/standing-alerts.ts";
import { applyEvent } from "./apply-event.ts";
import { MODEL_WORD_BYTES_MAX } from "./artefact.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";
import { rememberTierMove } from "./tier-moves.ts";

const model = createModel({
  ...defaultArtefact({ rates: { KWD: 3.2 } }),
  costToServe: { VISIT: 0.013, PURCHASE: 1.27, SUPPORT: 4.1 },
});
const START = Date.UTC(2024, 0, 1);
let contracts: Contracts;

beforeAll(async () => {
  const registry = {
    register: async () => 1,
    fetch: async () => {
      throw new Error("nothing is fetched");
    },
  };
  contracts = await openContracts({ registry, prefix: "t." });
});

test("a customer of two years who visits every week, buys every month and complains once has less than 2 kB", () => {
  const { profile, send } = customer("customer-1234567");
  for (let week = 0; week < 104; week++) {
    send(week * 7, { type: "interaction", kind: "VISIT", channel: week % 3 === 0 ? "app" : "web" });
    if (week % 4 !== 0) continue;
    const fields = { category: ["tea", "cups", "pots"][week % 3], channel: "web", marginMinor: 1_500 };
    send(week * 7 + 1, { type: "purchase", kind: "PURCHASE", orderId: `o${week}`, amountMinor: 4_999, ...fields });
  }
  send(300, { type: "complaint", kind: "OPENED", complaintId: "k1" });
  send(303, { type: "complaint", kind: "RESOLVED", complaintId: "k1", satisfied: true });
  send(400, { type: "interaction", kind: "FEEDBACK", scale: "NPS", rating: 9 });
  send(401, { type: "customer", segment: "retail", region: "north", currency: "USD", potentialSpendMinor: 1_000_000 });
  expect(bytesOf(profile)).toBeLessThan(2_048);
});

test("a customer whose every list is full, with the longest names and the largest amounts, stays below 16 kB", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 9 }), (apart, salt) => {
      const { profile, send } = customer("好".repeat(42));
      const days = 440;
      const fee = { amountMinor: 10 ** 12, currency: "KWD", renewsAt: START + 9_000 * DAY_MS };
      const text = (i: number): string => `${i}${"名".repeat(340)}`;
      for (let day = 0; day < days; day++) {
        send(day * apart, {
          type: "purchase",
          kind: "PURCHASE",
          orderId: `o${day}`,
          amountMinor: 10 ** 12,
          marginMinor: -(10 ** 12) + salt,
          discountMinor: 10 ** 11,
          currency: "KWD",
          category: text(day),
          channel: text(day),
          dueAt: START + day * DAY_MS,
          acquisitionCostMinor: 10 ** 12,
        });
        send(day * apart, { type: "purchase", kind: "REFUND", amountMinor: 10 ** 12, currency: "KWD" });
        for (const kind of ["VISIT", "CART", "EMAIL_CLICK", "SUPPORT"]) {
          send(day * apart, { type: "interaction", kind, respondedAt: START + 9_000 * DAY_MS });
        }
        const campaign = { campaign: text(day), arm: text(day), referredCustomerId: "c2", converted: true };
        for (const kind of ["CAMPAIGN_EXPOSURE", "REFERRAL"]) {
          send(day * apart, { type: "interaction", kind, ...campaign });
        }
        send(day * apart, { type: "interaction", kind: "SERVICE_USE", product: text(day) });
        const balance = { product: text(day), balanceMinor: 10 ** 12, currency: "KWD" };
        send(day * apart, { type: "interaction", kind: "BALANCE", ...balance });
        const rating = { rating: 7, expected: 9, scale: "NPS", dimension: day % 2 === 0 ? text(day) : null };
        send(day * apart, { type: "interaction", kind: "FEEDBACK", ...rating });
        send(day * apart, { type: "complaint", kind: "OPENED", complaintId: `k${day}`, severity: 5 });
        send(day * apart, { type: "interaction", kind: "REVIEW", sentiment: -0.7 });
        const low = { rating: 1, scale: "CSAT" };
        send(day * apart, { type: "interaction", kind: "FEEDBACK", ...low });
        send(day * apart, { type: "complaint", kind: "OPENED", complaintId: `k${day}`, category: text(day) });
        send(day * apart, { type: "complaint", kind: "RESOLVED", complaintId: `k${day}`, satisfied: false });
        send(day * apart, { type: "interaction", kind: "RENEW", termDays: 36_525, ...fee });
      }
      send(days * apart, { type: "interaction", kind: "UNSUBSCRIBE" });
      send(days * apart, {
        type: "customer",
        segment: text(1),
        industry: text(2),
        region: text(3),
        currency: "KWD",
        creditLimitMinor: 10 ** 12,
        debtRatio: 1,
        solvencyRatio: 1,
        potentialSpendMinor: 10 ** 12,
        assetsMinor: -(10 ** 12),
        strategicImportance: 1,
        contractEndsAt: START,
        paymentTermsDays: 3_650,
        acquisitionCostMinor: 10 ** 12,
        custom: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`${i}`.padEnd(48, "x"), 1e15])),
      });
      profile.model = { name: "m".repeat(MODEL_WORD_BYTES_MAX), version: "v".repeat(MODEL_WORD_BYTES_MAX) };
      const minor = 2 ** 52;
      profile.standing = {
        realisedMinor: -minor,
        expectedMinor: minor,
        atRiskMinor: minor,
        cause: "COMPLAINTS_RECENT",
      };
      for (let month = 0; month < 20; month++) rememberTierMove(profile, { month, from: "GOLD", to: "SILVER" });
      const subject = "f".repeat(16);
      const alert = { subject, band: 0.7, raisedAt: 2 ** 46, version: 2 ** 40, cleared: true };
      profile.alerts = ALERT_KINDS.flatMap((kind) => Array.from({ length: SUBJECTS_MAX }, () => ({ ...alert, kind })));
      profile.review = { at: 2 ** 46, sentiment: -0.7, subject };
      Object.assign(profile, { due: 2 ** 46, version: 2 ** 40, scoredAt: 2 ** 46, tierSince: 2 ** 46 });
      const bytes = bytesOf(profile);
      expect(bytes).toBeLessThan(PROFILE_BYTES_MAX);
      // So that the lists are full indeed.
      expect(bytes).toBeGreaterThan(13_500);
    }),
    { numRuns: 4 },
  );
});

const ALERT_KINDS = ["CHURN", "LOSS_MAKING", "NEGATIVE_REVIEW", "COMPLAINT_OVERDUE", "PAYMENT_OVERDUE"] as const;

function bytesOf(profile: Profile): number {
  return contracts.codecs.processorState.encode(profile).length;
}

function customer(customerId: string) {
  const profile = emptyProfile(customerId);
  let events = 0;
  const send = (day: number, fields: Readonly<Record<string, unknown>> & { readonly type: string }): void => {
    const event = sampleEvent({ ...fields, eventId: `e${events}`, occurredAt: START + day * DAY_MS + events++ });
    const outcome = applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" });
    if (outcome !== "applied") throw new Error(`${fields.type} was not applied`);
  };
  return { profile, send };
}
