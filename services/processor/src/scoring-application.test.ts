import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Contracts,
  createErasureNames,
  emptyProfile,
  openContracts,
  openFileRegistry,
  PROFILE_BYTES_MAX,
  TIME_MS_MAX,
} from "@tidemark/contracts";
import { createModel, defaultArtefact } from "@tidemark/scoring";
import { BATCH_BYTES_MAX, type ClockMode, contentBytes, type Emitted, ErasureSecretWrong } from "@tidemark/streams";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sampleEvent, SampleShop } from "./sample-shop.ts";
import { createScoringApplication, type ScoringOptions } from "./scoring-application.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
const model = createModel(defaultArtefact());
let folder: string;
let contracts: Contracts;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-processor-"));
  contracts = await openContracts({ registry: await openFileRegistry(join(folder, "registry.json")), prefix: "t." });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("scores and tier changes", () => {
  test("each score of a customer has the next version, and each tier change follows the one before", () => {
    const shop = new SampleShop(contracts, application());
    shop.take([purchase("p1", START, 9_000)], START);
    fireUntil(shop, START + 899 * DAY);
    shop.take([purchase("p2", START + 900 * DAY, 12_000)], START + 900 * DAY);
    const versions = shop.scores.map(({ score }) => score?.version);
    expect(versions.length).toBeGreaterThan(3);
    expect(versions).toEqual(versions.map((_, i) => i + 1));

    const changes = shop.tierChanges;
    expect(changes.map(({ from }) => from)).toEqual(["NONE", ...changes.slice(0, -1).map(({ to }) => to)]);
    expect(changes.at(0)).toMatchObject({ cause: "EVENT", version: 1, asOf: START });
    expect(changes.findLast(({ cause }) => cause === "TIME")?.to).toBe("OPTIMISATION");
    expect(changes.at(-1)).toMatchObject({ cause: "EVENT", version: versions.length });
    expect(new Set(changes.map(({ changeId }) => changeId)).size).toBe(changes.length);
    const { score } = shop.scores.at(-1) ?? {};
    expect(changes.at(-1)).toMatchObject({ to: score?.tier, value: score?.value, reasons: score?.reasons });
  });

  test("made again, a tier change has the same id, and the id does not show the customer", () => {
    const ids = [1, 2].map(() => {
      const shop = new SampleShop(contracts, application());
      shop.take([purchase("p1", START, 9_000)], START);
      return shop.tierChanges[0]?.changeId;
    });
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  test("a timer that finds nothing changed emits nothing, keeps the version and is due again later", () => {
    const shop = new SampleShop(contracts, application());
    shop.take([purchase("p1", START, 9_000)], START);
    expect(shop.score("c1", START + DAY, "timer")).toBe(false);
    expect(shop.scores.length).toBe(1);
    expect(shop.state("c1")).toMatchObject({ version: 1, scoredAt: START, tierSince: START });
    expect(shop.state("c1").due).toBeGreaterThan(START + DAY);
  });

  test("a purchase cancelled whole leaves a prospect without a tier", () => {
    const shop = new SampleShop(contracts, application());
    shop.take([purchase("p1", START, 9_000, { orderId: "o1" })], START);
    const back = { kind: "CANCELLATION", orderId: "o1", originalOccurredAt: START };
    shop.take([purchase("p2", START + DAY, 0, back)], START + DAY);
    expect(shop.tierChanges.at(-1)).toMatchObject({ to: "NONE", value: null, lifecycle: "PROSPECT" });
    expect(shop.state("c1")).toMatchObject({ tier: "NONE", tierSince: 0, due: null });
  });
});

describe("alerts", () => {
  const opened = (at: number) =>
    sampleEvent({ type: "complaint", kind: "OPENED", complaintId: "k1", eventId: "k", occurredAt: at });

  /** Two purchases, then silence: churn crosses both bands. */
  function slippingCustomer(): SampleShop {
    const shop = new SampleShop(contracts, application());
    for (const [i, day] of [0, 7, 14, 21, 28].entries()) {
      shop.take([purchase(`p${i}`, START + day * DAY, 9_000)], START + day * DAY);
    }
    fireUntil(shop, START + 300 * DAY);
    return shop;
  }

  test("a band that is crossed in silence is told once, with a score of its own and the evidence", () => {
    const shop = slippingCustomer();
    const told = shop.alerts.filter(({ kind }) => kind === "CHURN");
    expect(told.map(({ state, band, cause }) => [state, band, cause])).toEqual([
      ["RAISED", 0.5, "TIME"],
      ["RAISED", 0.7, "TIME"],
    ]);
    for (const alert of told) {
      const { score } = shop.scores.find((each) => each.score?.version === alert.version) ?? {};
      const { churn, value, reasons, tier, lifecycle, asOf } = score ?? {};
      expect(alert).toMatchObject({ churn, value, reasons, tier, lifecycle, asOf, subject: null });
      expect(alert.churn).toBeGreaterThanOrEqual(alert.band ?? NaN);
      expect(alert.churn).toBeCloseTo(alert.band ?? NaN, 6);
      expect(alert.severity).not.toBe("UNKNOWN");
    }
    expect(shop.scores.map(({ score }) => score?.version)).toEqual(shop.scores.map((_, i) => i + 1));
  });

  test("a purchase clears what stands, under the same ids, and the ids do not show the customer", () => {
    const shop = slippingCustomer();
    const raised = shop.alerts.filter(({ state }) => state === "RAISED").map(({ alertId }) => alertId);
    shop.take([purchase("back", START + 301 * DAY, 9_000)], START + 301 * DAY);
    const cleared = shop.alerts.filter(({ state }) => state === "CLEARED");
    expect(cleared.map(({ alertId }) => alertId)).toEqual(raised);
    expect(cleared.map(({ cause }) => cause)).toEqual(["EVENT", "EVENT"]);
    expect(new Set(raised).size).toBe(2);
    for (const id of raised) expect(id).toMatch(/^[0-9a-f]{32}$/);
    // Made again, they are the same.
    expect(slippingCustomer().alerts.map(({ alertId }) => alertId)).toEqual(raised);
  });

  test("a complaint that stays open is told at the ms at which it is overdue", () => {
    const shop = new SampleShop(contracts, application());
    shop.take([purchase("p1", START, 9_000), opened(START + 1)], START + 1);
    fireUntil(shop, START + 10 * DAY);
    const slaMs = model.complaintSlaMs;
    expect(shop.alerts).toMatchObject([{ kind: "COMPLAINT_OVERDUE", state: "RAISED", since: START + 1 }]);
    expect(shop.alerts[0]?.asOf).toBe(START + 1 + slaMs);
    expect(shop.alerts[0]?.subject).toMatch(/^[0-9a-f]{16}$/);
  });

  test("of a prospect, and of who withdrew consent, nothing is told", () => {
    const shop = new SampleShop(contracts, application());
    shop.take([opened(START)], START);
    expect(shop.state("c1").due).toBeNull();
    expect(shop.score("c1", START + 90 * DAY, "timer")).toBe(false);
    const withdrawn = { type: "customer", eventId: "w", consent: { scoring: false } };
    shop.take([purchase("p1", START + DAY, 9_000)], START + DAY);
    shop.take([sampleEvent({ ...withdrawn, occurredAt: START + DAY })], START + DAY);
    expect(shop.state("c1")).toMatchObject({ due: null, alerts: [], alertFlags: 0, review: null });
    shop.score("c1", START + 90 * DAY, "timer");
    expect(shop.alerts).toEqual([]);
  });

  test("a stage that changes in silence has a score of its own", () => {
    const stages = slippingCustomer().scores.map(({ score }) => score?.lifecycle);
    expect(stages[0]).toBe("NEW");
    const changes = stages.filter((stage, i) => stage !== stages[i - 1]);
    expect(changes).toEqual(["NEW", "ACTIVE", "LOYAL", "ACTIVE", "SLIPPING", "LOST"]);
  });
});

describe("consent", () => {
  const consent = (eventId: string, occurredAt: number, scoring: boolean) =>
    sampleEvent({ type: "customer", eventId, occurredAt, consent: { scoring } });

  test("withdrawn, the profile is emptied and one tombstone follows; later events are suppressed", () => {
    const shop = new SampleShop(contracts, application());
    shop.take([purchase("p1", START, 9_000)], START);
    shop.take([consent("w", START + DAY, false)], START + DAY);
    expect(shop.scores.at(-1)).toEqual({ key: "c1", score: null });
    expect(shop.state("c1")).toMatchObject({ suppressedSince: START + DAY, purchases: 0, due: null, version: 1 });

    expect(shop.apply(purchase("p2", START + 2 * DAY, 100), START + 2 * DAY)).toBe("suppressed");
    shop.take([consent("w2", START + 3 * DAY, false)], START + 3 * DAY);
    expect(shop.scores.length).toBe(2);

    shop.take([consent("g", START + 4 * DAY, true)], START + 4 * DAY);
    shop.take([purchase("p3", START + 5 * DAY, 100)], START + 5 * DAY);
    expect(shop.state("c1")).toMatchObject({ suppressedSince: 0, purchases: 1 });
    expect(shop.scores.slice(2).map(({ score }) => score?.version)).toEqual([2, 3]);
  });

  test("by default denied, nobody is scored who did not give it", () => {
    const shop = new SampleShop(contracts, application({ consentDefault: "denied" }));
    expect(shop.apply(purchase("p1", START, 9_000), START)).toBe("suppressed");
    expect(shop.score("c1", START, "records")).toBe(false);
    expect(shop.scores).toEqual([]);
  });
});

describe("erasure", () => {
  const erasureNames = createErasureNames("a secret of this test and of no other");
  const emitted: Emitted[] = [];
  const context = {
    input: 0,
    appendedAt: START + DAY,
    referenceAt: START + DAY,
    model: "",
    emit: (one: Emitted) => emitted.push(one),
  };

  beforeEach(() => void emitted.splice(0));

  test("takes back the score that stands and keeps its version; who has none leaves a marker and no more", () => {
    const { erasure } = application({ erasureNames });
    const shop = new SampleShop(contracts, application({ erasureNames }));
    shop.take([purchase("p1", START, 9_000)], START);
    const marker = erasure?.erase(shop.state("c1"), context) ?? Buffer.of();
    expect(emitted).toEqual([{ topic: "t.scores", key: "c1", value: null }]);
    expect(Buffer.from(marker).toString("latin1")).not.toContain("c1");
    expect(erasure?.revive("c1", marker)).toEqual({
      ...emptyProfile("c1"),
      version: 1,
      erasedAt: START + DAY,
      erasureAppendedAt: START + DAY,
    });
    erasure?.erase(emptyProfile("c2"), context);
    expect(emitted.length).toBe(1);
  });

  test("without a secret is refused before anything is made of it, with what to do", () => {
    const { erasure } = application();
    expect(erasure?.secretCheck).toBeNull();
    expect(() => erasure?.erase(emptyProfile("c1"), context)).toThrow(/set TIDEMARK_ERASURE_KEY/);
    expect(() => erasure?.markerKey("c1")).toThrow(ErasureSecretWrong);
    expect(emitted).toEqual([]);
  });
});

describe("records", () => {
  test("that break a rule are refused with the rule", () => {
    const { decode, schemaMissing, inputs } = application();
    const rank = (topic: "purchases" | "customers"): number => inputs.indexOf(contracts.topics[topic]);
    const good = new SampleShop(contracts, application()).encode(purchase("p1", START, 100));
    expect(decode(rank("purchases"), "c1", good).kind).toBe("event");
    expect(decode(rank("purchases"), "c2", good)).toMatchObject({ kind: "refused", code: "KEY_MISMATCH" });
    expect(decode(rank("purchases"), "c1", good.subarray(0, 20))).toMatchObject({ code: "MALFORMED_RECORD" });
    expect(schemaMissing(rank("purchases"), good)).toBeNull();
    expect(schemaMissing(rank("customers"), good)).toBe(contracts.codecs.purchases.schemaId);
    expect(decode(rank("customers"), "c1", good)).toMatchObject({ kind: "refused", code: "SCHEMA_UNKNOWN" });
    const event = purchase("p1", START, 100);
    const negative = { ...event, record: { ...event.record, amountMinor: -1 } } as typeof event;
    const bytes = new SampleShop(contracts, application()).encode(negative);
    expect(decode(rank("purchases"), "c1", bytes)).toMatchObject({ kind: "refused", code: "AMOUNT_OUT_OF_RANGE" });
  });

  test("a refused one goes to the dead letters as it came", () => {
    const letter = {
      partition: 2,
      offset: 7,
      appendedAt: START,
      key: Buffer.from("c1"),
      value: new Uint8Array([1, 2]),
    };
    const { topic, key, value } = application().deadLetter({ ...letter, topic: "t.purchases", code: "X", reason: "r" });
    expect([topic, key]).toEqual(["t.dead-letters", letter.key]);
    const decoded = contracts.codecs.deadLetters.decode(value ?? new Uint8Array());
    expect(decoded).toMatchObject({ topic: "t.purchases", offset: 7, code: "X", reason: "r" });
    expect([...(decoded.value ?? [])]).toEqual([1, 2]);
  });

  test("a refused one whose key is larger than any customer's goes there without it, and fits into a batch", () => {
    const { deadLetter } = application();
    for (const [bytes, isKept] of [
      [1_024, true],
      [1_025, false],
      [BATCH_BYTES_MAX / 2, false],
      [BATCH_BYTES_MAX - 100, false],
    ] as const) {
      const input = { topic: "t.purchases", partition: 1, offset: 7, appendedAt: 5, key: Buffer.alloc(bytes, "k") };
      const record = deadLetter({ ...input, value: Buffer.alloc(100), code: "X", reason: "r" });
      const decoded = contracts.codecs.deadLetters.decode(record.value ?? new Uint8Array());
      expect([record.key, decoded.key].map((key) => key !== null)).toEqual([isKept, isKept]);
      expect(decoded.reason).toMatch(isKept ? /^r$/ : /^r; the key is too large .* at this offset of the topic$/);
      expect(contentBytes(record)).toBeLessThan(4_000);
    }
  });

  test("ticks move time in clock mode event only", () => {
    const ticks = application({ clockMode: "event" }).ticks;
    expect(ticks?.decode(contracts.codecs.ticks.encode({ at: START }))).toBe(START);
    expect(ticks?.decode(new Uint8Array([9, 9]))).toBeNull();
    // Time never goes back: what no clock shows is no TICK.
    expect(ticks?.decode(contracts.codecs.ticks.encode({ at: TIME_MS_MAX }))).toBe(TIME_MS_MAX);
    expect(ticks?.decode(contracts.codecs.ticks.encode({ at: TIME_MS_MAX + 1 }))).toBeNull();
    expect(ticks?.decode(contracts.codecs.ticks.encode({ at: -1 }))).toBeNull();
    expect(application().ticks).toBeUndefined();
  });
});

describe("states", () => {
  test("the due time is read from the encoded profile alone", () => {
    const { create, encodeState, dueOf } = application();
    const profile = create("c1");
    for (const due of [null, 1, 63, 64, START, 2 ** 45]) {
      profile.due = due;
      expect(dueOf(encodeState(profile))).toBe(due);
    }
  });

  test("the profile with the fullest days, orders and complaints stays within its bound", () => {
    const shop = new SampleShop(contracts, application());
    const text = "\u4e2d".repeat(341);
    const id = (prefix: string, i: number): string => `${prefix}-${i}-`.padEnd(128, "x");
    const customerId = id("c", 0);
    shop.take(
      [
        sampleEvent({
          type: "customer",
          customerId,
          eventId: "k",
          occurredAt: START,
          segment: text,
          industry: text,
          region: text,
        }),
      ],
      START,
    );
    // The largest amounts, far apart, on more days than are kept.
    const days = 900;
    for (let i = 0; i < days; i++) {
      const occurredAt = START + i * 130 * DAY;
      const sale = { customerId, marginMinor: -1e12, orderId: id("o", i) };
      expect(shop.apply(purchase(id("p", i), occurredAt, 1e12, sale), occurredAt)).toBe("applied");
      expect(shop.apply(purchase(id("r", i), occurredAt, 1e12, { ...sale, kind: "REFUND" }), occurredAt)).toBe(
        "applied",
      );
    }
    for (let i = 0; i < 100; i++) {
      const event = { customerId, eventId: id("e", i), occurredAt: START + i };
      shop.apply(sampleEvent({ ...event, type: "complaint", complaintId: id("k", i), kind: "OPENED" }), START);
      shop.apply(sampleEvent({ ...event, type: "interaction", eventId: id("i", i), kind: "SUGGESTION" }), START);
    }
    shop.score(customerId, START + days * 130 * DAY, "records");
    const bytes = application().encodeState(shop.state(customerId));
    // What indicators need beside is filled in the tests of scoring.
    expect(bytes.length).toBeGreaterThan(PROFILE_BYTES_MAX / 3);
    expect(bytes.length).toBeLessThan(PROFILE_BYTES_MAX - 512);
    expect(shop.state(customerId)).toMatchObject({ purchaseDays: days, purchases: days, complaints: 100 });
  });
});

test("the journal's entries and barriers come back as they went", () => {
  const { journal, models } = application({ scaledClock: { base: START, factor: 3_600 } });
  const entry = {
    turn: 3,
    token: "t",
    offsets: [{ topic: "t.purchases", next: 9 }],
    tickMs: START,
    tickKey: null,
    mode: "wall",
    model: models.current,
    sweepAfter: "c1",
    counts: { applied: 1, duplicate: 2, suppressed: 3, deadLetter: 4, ticks: 5 },
    minReaderVersion: 1,
    erasureCheck: "abc",
  } as const;
  expect(journal.decodeEntry(journal.encodeEntry(entry))).toMatchObject(entry);
  expect(contracts.codecs.journal.decode(journal.encodeEntry(entry))).toMatchObject({
    clockBase: START,
    clockFactor: 3_600,
  });
  expect(journal.decodeBarrier(journal.encodeBarrier({ token: "a", owner: "b" }))).toEqual({ token: "a", owner: "b" });
});

/** Fires as the runtime does. */
function fireUntil(shop: SampleShop, until: number): void {
  for (;;) {
    const { due } = shop.state("c1");
    if (due === null || due > until) return;
    shop.score("c1", due, "timer");
  }
}

function application(options: Partial<ScoringOptions> & { readonly clockMode?: ClockMode } = {}) {
  return createScoringApplication({ contracts, model, consentDefault: "granted", clockMode: "wall", ...options });
}

function purchase(eventId: string, occurredAt: number, amountMinor: number, fields: object = {}) {
  return sampleEvent({ type: "purchase", eventId, occurredAt, amountMinor, ...fields });
}
