import { emptyProfile, type Profile } from "@tidemark/contracts";
import { expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { COMPLAINTS_MAX, complaintsOf } from "./complaint-list.ts";
import { recentComplaints } from "./hazard/complaint-count.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";

const model = createModel(defaultArtefact());
const START = Date.UTC(2026, 0, 1);

test("a complaint is open from its opening to its resolution and counts once, reopened or not", () => {
  const { profile, step } = customer();
  step("k1", "OPENED", 0);
  expect(profile).toMatchObject({ complaintsOpen: 1, complaints: 1, complaintsDecayed: 1 });
  step("k1", "RESOLVED", 3);
  expect(profile).toMatchObject({ complaintsOpen: 0, complaints: 1 });
  step("k1", "REOPENED", 5);
  expect(profile).toMatchObject({ complaintsOpen: 1, complaints: 1 });
  expect(recentComplaints(profile, START + 90 * DAY_MS)).toBeCloseTo(0.5, 12);
});

test("a complaint's severity, the gravest said, stands beside whether its solution satisfied", () => {
  const profile = emptyProfile("c1");
  const terms = { referenceAt: null, model, consentDefault: "granted" } as const;
  const steps = [
    { kind: "OPENED", severity: 5 },
    { kind: "RESOLVED", severity: 2, satisfied: false },
  ];
  for (const [i, fields] of steps.entries()) {
    const step = { type: "complaint", complaintId: "k1", eventId: `e${i}`, occurredAt: START + i, ...fields };
    expect(applyEvent(profile, sampleEvent(step), terms)).toBe("applied");
  }
  const [complaint] = complaintsOf(profile);
  expect(complaint).toMatchObject({ kind: "RESOLVED", severity: 5, satisfied: false });
});

test("a complaint withdrawn was none", () => {
  const { profile, step } = customer();
  step("k1", "OPENED", 0);
  step("k2", "OPENED", 10);
  step("k1", "WITHDRAWN", 20);
  expect(profile).toMatchObject({ complaintsOpen: 1, complaints: 1 });
  expect(recentComplaints(profile, START + 100 * DAY_MS)).toBeCloseTo(0.5, 12);
  step("k2", "WITHDRAWN", 21);
  expect(profile).toMatchObject({ complaintsOpen: 0, complaints: 0, complaintsDecayed: 0 });
});

test("a resolution that comes before the opening closes it all the same", () => {
  const { profile, step } = customer();
  step("k1", "RESOLVED", 3);
  step("k1", "OPENED", 0);
  expect(profile).toMatchObject({ complaintsOpen: 0, complaints: 1 });
});

test("of more complaints than are remembered the oldest closed one goes, and no open one before it", () => {
  const { profile, step } = customer();
  step("open", "OPENED", 0);
  for (let i = 0; i < COMPLAINTS_MAX + 5; i++) {
    step(`k${i}`, "OPENED", i + 1);
    step(`k${i}`, "RESOLVED", i + 1);
  }
  expect(profile).toMatchObject({ complaintsOpen: 1, complaints: COMPLAINTS_MAX + 6 });
  step("open", "RESOLVED", 50);
  expect(profile.complaintsOpen).toBe(0);
});

test("where all that are remembered are open, the oldest goes and is open no more", () => {
  const { profile, step } = customer();
  for (let i = 0; i < COMPLAINTS_MAX + 5; i++) step(`k${i}`, "OPENED", i);
  expect(profile.complaintsOpen).toBe(COMPLAINTS_MAX);
});

function customer(): { profile: Profile; step: (complaintId: string, kind: string, day: number) => void } {
  const profile = emptyProfile("c1");
  let events = 0;
  return {
    profile,
    step: (complaintId, kind, day) => {
      const occurredAt = START + day * DAY_MS;
      const event = sampleEvent({ type: "complaint", complaintId, kind, eventId: `e${events++}`, occurredAt });
      expect(applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" })).toBe("applied");
    },
  };
}
