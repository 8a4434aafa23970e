import { emptyProfile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { applyEvent, type ApplyTerms } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { fingerprintOf, writeFingerprint } from "./fingerprint.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";
import { SEEN_IDS_MAX } from "./seen-ids.ts";

const model = createModel(defaultArtefact());
const NOW = Date.UTC(2026, 0, 1);
const terms: ApplyTerms = { referenceAt: NOW, model, consentDefault: "granted" };
const visit = (eventId: string, occurredAt = NOW) =>
  sampleEvent({ type: "interaction", kind: "VISIT", eventId, occurredAt });

describe("event time", () => {
  test("up to a day ahead is taken as it is, up to seven it is clamped and counted, beyond it is refused", () => {
    const profile = emptyProfile("c1");
    expect(applyEvent(profile, visit("a", NOW + DAY_MS - 1), terms)).toBe("applied");
    expect(profile).toMatchObject({ lastEventAt: NOW + DAY_MS - 1, clamped: 0 });
    expect(applyEvent(profile, visit("b", NOW + 7 * DAY_MS), terms)).toBe("applied");
    expect(profile).toMatchObject({ lastEventAt: NOW + DAY_MS, clamped: 1, applied: 2 });
    const before = JSON.stringify(profile);
    expect(applyEvent(profile, visit("c", NOW + 7 * DAY_MS + 1), terms)).toMatchObject({ code: "TIME_OUT_OF_RANGE" });
    expect(JSON.stringify(profile)).toBe(before);
  });

  test("without a reference nothing is too far ahead, and before 1970 is refused still", () => {
    const profile = emptyProfile("c1");
    const free = { ...terms, referenceAt: null };
    expect(applyEvent(profile, visit("a", NOW + 1000 * DAY_MS), free)).toBe("applied");
    const early = visit("b");
    const before1970 = { ...early, record: { ...early.record, occurredAt: -1 } } as typeof early;
    expect(applyEvent(profile, before1970, free)).toMatchObject({ code: "TIME_OUT_OF_RANGE" });
  });

  test("more than the grace behind the customer's own newest event is counted as late", () => {
    const profile = emptyProfile("c1");
    for (const [id, at] of [
      ["a", NOW - 100 * DAY_MS],
      ["b", NOW - 50 * DAY_MS],
      ["c", NOW - 80 * DAY_MS],
      ["d", NOW - 81 * DAY_MS],
    ] as const) {
      applyEvent(profile, visit(id, at), terms);
    }
    expect(profile).toMatchObject({ applied: 4, late: 1, lastEventAt: NOW - 50 * DAY_MS });
  });
});

describe("duplicates", () => {
  test("change nothing while their id is among the newest seen", () => {
    const profile = emptyProfile("c1");
    for (let i = 0; i < SEEN_IDS_MAX + 10; i++) applyEvent(profile, visit(`v${i}`), terms);
    const before = JSON.stringify(profile);
    for (let i = 10; i < SEEN_IDS_MAX + 10; i++) expect(applyEvent(profile, visit(`v${i}`), terms)).toBe("duplicate");
    expect(JSON.stringify(profile)).toBe(before);
    expect(profile.seen.length).toBe(8 * SEEN_IDS_MAX);
    expect(applyEvent(profile, visit("v9"), terms)).toBe("applied");
  });

  test("are told of a list that an earlier version began, which grew by one place with every id", () => {
    for (const known of [1, 7, 8, 60, 63, SEEN_IDS_MAX]) {
      const profile = emptyProfile("c1");
      profile.seen = Buffer.alloc(8 * known);
      for (let i = 0; i < known; i++) writeFingerprint(fingerprintOf(`v${i}`), profile.seen, 8 * i);
      const more = 30;
      for (let i = known; i < known + more; i++) applyEvent(profile, visit(`v${i}`), terms);
      const outcomes = Array.from({ length: known + more }, (_, i) => {
        return applyEvent({ ...profile, seen: Buffer.from(profile.seen) }, visit(`v${i}`), terms);
      });
      const forgotten = Math.max(0, known + more - SEEN_IDS_MAX);
      expect(outcomes).toEqual(outcomes.map((_, i) => (i < forgotten ? "applied" : "duplicate")));
      expect(profile.seen.length).toBeLessThanOrEqual(8 * SEEN_IDS_MAX);
    }
  });

  test("of a refused event are none: sent again mended, it is applied", () => {
    const profile = emptyProfile("c1");
    const sale = (currency: string) =>
      sampleEvent({ type: "purchase", kind: "PURCHASE", amountMinor: 5, currency, eventId: "a" });
    expect(applyEvent(profile, sale("CHF"), terms)).toMatchObject({ code: "NO_RATE" });
    expect(applyEvent(profile, sale("USD"), terms)).toBe("applied");
  });
});

describe("consent", () => {
  const record = (eventId: string, occurredAt: number, consent: object, segment: string | null = null) =>
    sampleEvent({ type: "customer", eventId, occurredAt, consent, segment });

  test("withdrawn, nothing is kept but what later records and versions need; restored, the customer starts anew", () => {
    const profile = emptyProfile("c1");
    applyEvent(profile, visit("v1"), terms);
    applyEvent(profile, record("a", NOW - 5, {}, "retail"), terms);
    profile.version = 7;
    applyEvent(profile, record("b", NOW, { scoring: false }), terms);
    expect(profile).toMatchObject({ suppressedSince: NOW, consent: "WITHDRAWN", version: 7, customerAt: NOW });
    expect(profile).toMatchObject({ interactions: [], segment: "", lastEventAt: 0, engagementDecayed: 0 });
    expect(applyEvent(profile, visit("v2"), terms)).toBe("suppressed");
    applyEvent(profile, record("c", NOW + 5, { scoring: true }, "retail"), terms);
    expect(profile).toMatchObject({ suppressedSince: 0, consent: "GRANTED", segment: "retail", version: 7 });
    expect(applyEvent(profile, visit("v2"), terms)).toBe("applied");
  });

  test("an older record than the newest changes nothing, whatever it says", () => {
    const profile = emptyProfile("c1");
    applyEvent(profile, record("a", NOW, {}, "retail"), terms);
    applyEvent(profile, record("b", NOW - 1, { scoring: false }, "old"), terms);
    expect(profile).toMatchObject({ suppressedSince: 0, segment: "retail" });
  });

  test("not asked, the installation's default holds", () => {
    const denied = { ...terms, consentDefault: "denied" } as const;
    const profile = emptyProfile("c1");
    expect(applyEvent(profile, visit("v1"), denied)).toBe("suppressed");
    expect(profile).toEqual(emptyProfile("c1"));
    applyEvent(profile, record("a", NOW, { marketing: true }), denied);
    expect(applyEvent(profile, visit("v1"), denied)).toBe("suppressed");
    applyEvent(profile, record("b", NOW + 1, { scoring: true }), denied);
    expect(applyEvent(profile, visit("v1"), denied)).toBe("applied");
  });
});
