import { emptyProfile, parseInputEvent } from "@tidemark/contracts";
import { applyEvent, createModel, defaultArtefact } from "@tidemark/scoring";
import { expect, test } from "vitest";
import { contractBody } from "./contract-body.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const model = createModel(defaultArtefact());

/** @param events fields of each, and the day it occurs on */
function bodyOf(events: readonly (Readonly<Record<string, unknown>> & { readonly day: number })[], day: number) {
  const profile = emptyProfile("c1");
  for (const [i, { day: on, ...fields }] of events.entries()) {
    const event = { eventId: `e${i}`, customerId: "c1", occurredAt: START + on * DAY_MS, ...fields };
    const parsed = parseInputEvent(event, { referenceAt: null });
    if (!parsed.ok) throw new Error(`${parsed.path} ${parsed.message}`);
    applyEvent(profile, parsed, { referenceAt: null, model, consentDefault: "granted" });
  }
  return contractBody(profile, START + day * DAY_MS, model);
}

const on = (day: number): string => new Date(START + day * DAY_MS).toISOString();
const event = (kind: string, day: number, fields: object = {}) => ({ type: "interaction", kind, day, ...fields });
const price = { amountMinor: 1_200, currency: "USD" };
const yearly = event("SUBSCRIBE", 0, { ...price, termDays: 365 });

test("a contract is told with its state, its next date and what is known of it", () => {
  const common = { source: "events", renewals: 0, termDays: 365, renewsItself: false, priceMinor: 1_200 };
  expect(bodyOf([yearly], 364)).toEqual({ state: "running", at: on(365), ...common, currency: "USD" });
  expect(bodyOf([yearly], 365)).toMatchObject({ state: "ranOut", at: on(365) });
  expect(bodyOf([yearly, event("UNSUBSCRIBE", 100)], 120)).toMatchObject({ state: "ended", at: on(100) });
  expect(bodyOf([event("SUBSCRIBE", 0, price)], 70)).toMatchObject({
    state: "running",
    at: on(90),
    renewals: 2,
    termDays: 30,
    renewsItself: true,
  });
});

test("one that the customer record alone tells says so, and has no price; without either there is none", () => {
  const record = { type: "customer", day: 10, contractEndsAt: on(300) };
  expect(bodyOf([record], 20)).toMatchObject({
    state: "running",
    at: on(300),
    source: "customerRecord",
    priceMinor: null,
  });
  expect(bodyOf([event("VISIT", 0)], 1)).toBeNull();
});
