import { emptyProfile, type Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { erasureOf, profileAfter } from "./erasure.ts";
import { createModel } from "./model.ts";
import type { Outcome } from "./outcome.ts";
import { sampleEvent } from "./sample-event.ts";

const model = createModel(defaultArtefact());
const START = Date.UTC(2026, 0, 1);
const ERASED_AT = START + 10 * DAY_MS;

describe("what stays of a customer who is erased", () => {
  test("is the version and until when all is erased, whatever the profile held", () => {
    const profile = Object.assign(lived(), { version: 7 });
    expect(erasureOf(profile, ERASED_AT, ERASED_AT)).toEqual({
      erasedAt: ERASED_AT,
      appendedAt: ERASED_AT,
      version: 7,
    });
  });

  test("reaches as far as the events it knew, where these were ahead of the clock, or no time is known", () => {
    const profile = lived();
    buy(profile, "ahead", ERASED_AT + DAY_MS / 2, ERASED_AT);
    expect(erasureOf(profile, ERASED_AT, ERASED_AT).erasedAt).toBe(ERASED_AT + DAY_MS / 2);
    expect(erasureOf(lived(), ERASED_AT, null).erasedAt).toBe(START);
  });

  test("erased again, never reaches less far than before", () => {
    const profile = profileAfter({ erasedAt: ERASED_AT, appendedAt: ERASED_AT, version: 3 }, "c1");
    expect(erasureOf(profile, ERASED_AT + 1, null)).toEqual({
      erasedAt: ERASED_AT,
      appendedAt: ERASED_AT + 1,
      version: 3,
    });
  });
});

describe("after an erasure", () => {
  test.each([
    ["of before it", ERASED_AT - DAY_MS, ERASED_AT + DAY_MS],
    ["of that instant", ERASED_AT, ERASED_AT + DAY_MS],
    ["ahead of the clock that lay in the log before it", ERASED_AT + 1, ERASED_AT - 1],
  ])("an event %s is suppressed and leaves no trace", (_, occurredAt, appendedAt) => {
    const profile = revived();
    const before = JSON.stringify(profile);
    expect(buy(profile, "late", occurredAt, appendedAt)).toBe("suppressed");
    expect(JSON.stringify(profile)).toBe(before);
  });

  test("what happens later begins a profile that knows nothing of before, and goes on from its version", () => {
    const profile = revived();
    expect(buy(profile, "new", ERASED_AT + 1, ERASED_AT + 2)).toBe("applied");
    expect(profile).toMatchObject({ purchases: 1, version: 5, firstEventAt: ERASED_AT + 1 });
    expect(buy(profile, "late", ERASED_AT - 1, ERASED_AT + 3)).toBe("suppressed");
  });

  test("consent that is withdrawn and given again does not let in what is erased", () => {
    const profile = revived();
    for (const [eventId, scoring, at] of [
      ["w", false, 1],
      ["g", true, 2],
    ] as const) {
      const event = sampleEvent({ type: "customer", eventId, occurredAt: ERASED_AT + at, consent: { scoring } });
      expect(applyEvent(profile, event, terms(ERASED_AT + at))).toBe("applied");
    }
    expect(buy(profile, "late", ERASED_AT - 1, ERASED_AT + 3)).toBe("suppressed");
  });
});

function lived(): Profile {
  const profile = emptyProfile("c1");
  expect(buy(profile, "first", START, START)).toBe("applied");
  return profile;
}

function revived(): Profile {
  return profileAfter({ erasedAt: ERASED_AT, appendedAt: ERASED_AT, version: 5 }, "c1");
}

function buy(profile: Profile, eventId: string, occurredAt: number, appendedAt: number): Outcome {
  const event = sampleEvent({ type: "purchase", kind: "PURCHASE", eventId, occurredAt, amountMinor: 100 });
  return applyEvent(profile, event, terms(appendedAt));
}

function terms(appendedAt: number): Parameters<typeof applyEvent>[2] {
  return { referenceAt: appendedAt, appendedAt, model, consentDefault: "granted" };
}
