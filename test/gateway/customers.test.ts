import { applyEvent, CATALOGUE, score } from "@tidemark/scoring";
import { PRESETS } from "@tidemark/scoring/scorecards";
import { emptyProfile, type Profile, type Purchase } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { customerBody, explanationBody, scoreEventBody, summaryBody } from "../../services/gateway/src/bodies.ts";
import { openEvents } from "./event-reader.ts";
import { model } from "./pipeline.ts";
import { openRig, type Rig, untilAsync } from "./rig.ts";

const DAY_MS = 86_400_000;

interface Customer {
  readonly score: Record<string, unknown> & {
    readonly asOf: string;
    readonly version: number;
    readonly reasons: { readonly logit: number }[];
    readonly churn: number;
  };
  readonly now: Customer["score"];
  readonly profile: Record<string, unknown>;
}

const purchase = (customerId: string, index: number, occurredAt: number): Record<string, unknown> => ({
  type: "purchase",
  eventId: `${customerId}-${index}`,
  customerId,
  occurredAt,
  kind: "PURCHASE",
  amountMinor: 2500 + index,
  currency: "EUR",
});

async function postEvents(rig: Rig, events: readonly object[]): Promise<void> {
  const response = await rig.call("/v1/events", {
    method: "POST",
    body: JSON.stringify({ events }),
    headers: { "content-type": "application/json" },
  });
  expect(response.status).toBe(202);
}

async function customer(rig: Rig, path: string): Promise<Customer> {
  const response = await rig.call(`/v1/customers/${path}`);
  expect(response.status).toBe(200);
  return customerBody.parse(await response.json()) as unknown as Customer;
}

async function scored(rig: Rig, id: string, version = 1): Promise<void> {
  await untilAsync(async () => {
    const response = await rig.call(`/v1/customers/${id}`);
    return response.status === 200 && ((await response.json()) as Customer).score.version >= version;
  });
}

describe("over the whole pipeline", () => {
  test("an explanation has every indicator by name, unknown where nothing is known, and what the scorecards make of them", async () => {
    await using rig = await openRig({ withPipeline: true });
    const now = Date.now();
    await postEvents(rig, [purchase("explained", 0, now - 40 * DAY_MS), purchase("explained", 1, now - 10 * DAY_MS)]);
    await scored(rig, "explained");
    const response = await rig.call("/v1/customers/explained/explanation");
    expect(response.status).toBe(200);
    const { indicators, scorecards, currency, asOf } = explanationBody.parse(await response.json());
    const valueOf = (name: string) => indicators.find((indicator) => indicator.name === name)?.value;
    expect(indicators.map(({ name }) => name)).toEqual(CATALOGUE.map(({ name }) => name));
    expect(currency).toBe("EUR");
    expect(valueOf("revenue")).toBe(5001);
    expect(valueOf("orders")).toBe(2);
    expect(valueOf("purchaseCycle")).toBe(30);
    expect(valueOf("costToServe")).toBeNull();
    expect(scorecards.map(({ scorecard }) => scorecard)).toEqual([...PRESETS.keys()]);

    const later = await rig.call(`/v1/customers/explained/explanation?at=${Date.parse(asOf) + 100 * DAY_MS}`);
    const aged = explanationBody.parse(await later.json());
    expect(Number(aged.indicators.find(({ name }) => name === "recency")?.value)).toBeCloseTo(
      Number(valueOf("recency")) + 100,
      6,
    );
    const tooEarly = await rig.call(`/v1/customers/explained/explanation?at=${now - 20 * DAY_MS}`);
    expect(tooEarly.status).toBe(409);
    expect((await rig.call("/v1/customers/nobody/explanation")).status).toBe(404);
  });

  test("a purchase becomes a score on the stream, in the query and in the counts, and they agree", async () => {
    await using rig = await openRig({ withPipeline: true });
    await using events = await openEvents(`${rig.url}/v1/streams/scores`);
    await events.next();
    const now = Date.now();
    await postEvents(
      rig,
      [1, 2, 3].map((index) => purchase("c1", index, now - (4 - index) * 30 * DAY_MS)),
    );
    const emitted = scoreEventBody.parse(JSON.parse((await events.nextEvent()).data));
    await scored(rig, "c1", emitted.version);

    const body = await customer(rig, "c1");
    const { params: _, ...rest } = { params: 0, ...emitted };
    expect(body.score).toMatchObject({
      version: rest.version,
      asOf: rest.asOf,
      churn: rest.churn,
      churnHorizonDays: 90,
      churnAfterLastPurchase: rest.churnAfterLastPurchase,
      value: rest.value,
      tier: rest.tier,
      lifecycle: "active",
      completeness: rest.completeness,
      model: { ...rest.model, fitted: false },
    });
    expect(body.score.reasons.map(({ logit }) => logit)).toEqual(rest.reasons.map(({ logit }) => logit));
    const sum = body.now.reasons.reduce((whole, { logit }) => whole + logit, 0);
    expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(body.now.churn, 12);
    expect(body.profile).toMatchObject({
      x: 2,
      txWeeks: 60 / 7,
      spendMinor: 7506,
      currency: "EUR",
      purchases: 3,
      complaintsOpen: 0,
      lastEventAt: new Date(now - 30 * DAY_MS).toISOString(),
    });

    const summary = summaryBody.parse(await (await rig.call("/v1/summary")).json());
    expect(summary).toMatchObject({ customers: 1, byLifecycle: { active: 1 }, eventsAppended: 3 });
    expect(summary.byTier[emitted.tier ?? "none"]).toBe(1);
    expect(summary.scoresEmitted).toBeGreaterThanOrEqual(1);
    expect(Date.parse(summary.tick ?? "")).toBeGreaterThanOrEqual(Date.parse(emitted.tick));
  });

  test("a prospect has no churn, no value and no tier", async () => {
    await using rig = await openRig({ withPipeline: true });
    await postEvents(rig, [
      { type: "interaction", eventId: "e", customerId: "p 1/ü", occurredAt: Date.now(), kind: "VISIT" },
    ]);
    const path = encodeURIComponent("p 1/ü");
    await scored(rig, path);
    expect((await customer(rig, path)).now).toMatchObject({
      churn: null,
      churnHorizonDays: null,
      churnAfterLastPurchase: null,
      value: null,
      tier: null,
      lifecycle: "prospect",
      reasons: [],
    });
    const summary = summaryBody.parse(await (await rig.call("/v1/summary")).json());
    expect(summary).toMatchObject({ customers: 1, byTier: { none: 1 }, byLifecycle: { prospect: 1 } });
  });

  test("who withdraws consent has no score any more, and is not counted", async () => {
    await using rig = await openRig({ withPipeline: true });
    await postEvents(rig, [purchase("c1", 1, Date.now() - DAY_MS)]);
    await scored(rig, "c1");
    const withdrawal = {
      type: "customer",
      eventId: "w",
      customerId: "c1",
      occurredAt: Date.now(),
      consent: { scoring: false },
    };
    await postEvents(rig, [withdrawal]);
    await untilAsync(async () => (await rig.call("/v1/customers/c1")).status === 404);
    expect(await (await rig.call("/v1/customers/c1")).json()).toMatchObject({ code: "NOT_SCORED" });
    expect(await (await rig.call("/v1/summary")).json()).toMatchObject({ customers: 0 });
  });
});

describe("a customer's profile", () => {
  /** A profile as the processor leaves it, put where the gateway reads. */
  const bought = (rig: Rig, customerId: string, days: readonly number[]): Profile => {
    const profile = emptyProfile(customerId);
    const { codecs } = rig.contracts;
    for (const [index, day] of days.entries()) {
      const { type: _, ...record } = purchase(customerId, index, day * DAY_MS + 1000);
      const whole = { ...NOTHING_SAID, ...record } as unknown as Purchase;
      const terms = { referenceAt: null, model, consentDefault: "granted" } as const;
      expect(applyEvent(profile, { topic: "purchases", record: whole }, terms)).toBe("applied");
    }
    profile.version = 4;
    profile.scoredAt = ((days.at(-1) ?? 0) + 1) * DAY_MS;
    profile.tier = score(profile, profile.scoredAt, model).tier;
    rig.profiles.set(customerId, Buffer.from(codecs.processorState.encode(profile)));
    return profile;
  };
  const NOTHING_SAID = {
    source: null,
    attributes: {},
    orderId: null,
    marginMinor: null,
    discountMinor: null,
    quantity: null,
    category: null,
    channel: null,
    dueAt: null,
    originalOccurredAt: null,
    acquisitionChannel: null,
    acquisitionCostMinor: null,
  };
  const iso = (day: number): string => new Date(day * DAY_MS).toISOString();

  test("is scored as of any time after its last event, and `score` stays the one emitted", async () => {
    await using rig = await openRig();
    bought(rig, "c1", [20_000, 20_070]);
    const soon = await customer(rig, `c1?at=${iso(20_071)}`);
    expect(soon.now).toEqual(soon.score);
    const later = await customer(rig, `c1?at=${20_471 * DAY_MS}`);
    expect(later.score).toEqual(soon.score);
    expect(later.now.asOf).toBe(iso(20_471));
    expect(later.now.churn).toBeGreaterThan(later.score.churn);
    expect(later.profile).toMatchObject({ x: 1, txWeeks: 10, tWeeks: 470 / 7 });
  });

  test("is not scored as of a time before its last event", async () => {
    await using rig = await openRig();
    bought(rig, "c1", [20_000, 20_070]);
    const response = await rig.call(`/v1/customers/c1?at=${iso(20_069)}`);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "AT_BEFORE_LAST_EVENT" });
  });

  test("is explained in the language asked for", async () => {
    await using rig = await openRig();
    bought(rig, "c1", [20_000]);
    const [english, chinese] = await Promise.all(["en", "zh-CN"].map((lang) => customer(rig, `c1?lang=${lang}`)));
    expect(JSON.stringify(english?.now.reasons)).toMatch(/without a purchase/);
    expect(JSON.stringify(chinese?.now.reasons)).toMatch(/\p{Script=Han}/u);
  });

  test("is asked for with a time and a language that are ones", async () => {
    await using rig = await openRig();
    bought(rig, "c1", [20_000]);
    for (const query of ["at=yesterday", "at=-5", "at=2026-01-01", "at=99999999999999999", "lang=xx", "at=1&at=2"]) {
      expect((await rig.call(`/v1/customers/c1?${query}`)).status).toBe(400);
    }
  });

  test("that is not there is 404, and while profiles are read in nobody is told so", async () => {
    await using rig = await openRig();
    const unknown = await rig.call("/v1/customers/nobody");
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: "CUSTOMER_UNKNOWN" });
    await using early = await openRig({ states: { ready: false } });
    for (const path of ["/v1/customers/nobody", "/v1/summary"]) {
      const response = await early.call(path);
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("2");
    }
  });
});
