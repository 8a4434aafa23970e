import fc from "fast-check";
import { expect, test } from "vitest";
import { type Artefact } from "./artefact.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel, type Model } from "./model.ts";
import { type Relationship, relationshipOf } from "./relationship.ts";
import { anyHistory, HISTORY_DAYS } from "./sample-history.arbitrary.ts";
import { sampleHistory, type SampleFields } from "./sample-history.ts";
import { SAMPLE_START } from "./sample-profile.ts";
import { type Valuation, valuationAt } from "./valuation.ts";
import { stepsUntil, valuationBounds } from "./valuation-bounds.ts";

const { hazard } = defaultArtefact();

/** The default; hazards of the other sign; steep ones, and what is net of costs that exceed the margin. */
const MODELS: readonly Model[] = [
  {},
  { hazard: { ...hazard, engagement: 0.8, activityFall: -0.5, complaintOpen: -0.3, contractEnded: -0.4 } },
  {
    hazard: { ...hazard, engagement: -2, activityFall: 1.5 },
    costToServe: { VISIT: 0.3, SUPPORT: 9 },
    value: { netOfCosts: true },
    churnHorizonDays: 20,
  },
].map((changes: Partial<Artefact>) => createModel({ ...defaultArtefact(), ...changes }));

const AHEAD_MS_MAX = 800 * DAY_MS;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const after = fc.integer({ min: 0, max: 300 * DAY_MS });

interface Case {
  readonly at: (instant: number) => Valuation;
  readonly asOf: number;
  readonly until: number;
}

function caseOf(events: readonly SampleFields[], model: Model, afterMs: number): Case | null {
  const profile = sampleHistory(events, model);
  const relationship: Relationship | null = relationshipOf(profile, model);
  if (relationship === null) return null;
  const asOf = SAMPLE_START + HISTORY_DAYS * DAY_MS + afterMs;
  return {
    at: (instant) => valuationAt(profile, relationship, instant, model),
    asOf,
    until: stepsUntil(profile, asOf, model),
  };
}

test("between two instants without a step churn and value lie within the bounds of the two", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      anyHistory(),
      fc.constantFrom(...MODELS),
      after,
      fc.tuple(share, share, share),
      (events, model, afterMs, shares) => {
        const given = caseOf(events, model, afterMs);
        if (given === null) return;
        const { at, asOf, until } = given;
        expect(until).toBeGreaterThan(asOf);
        const span = Math.min(until - 1 - asOf, AHEAD_MS_MAX);
        const instants = shares.map((part) => asOf + Math.floor(part * span)).toSorted((a, b) => a - b);
        const [first, middle, last] = instants as [number, number, number];
        const bounds = valuationBounds(at(first), at(last));
        const { churn, expectedMinor, by } = at(middle);
        seen.add(by);
        expect(churn).toBeGreaterThanOrEqual(bounds.churnMin - 1e-12);
        expect(churn).toBeLessThanOrEqual(bounds.churnMax + 1e-12);
        const slack = 1e-9 * (1 + Math.abs(expectedMinor));
        expect(expectedMinor).toBeGreaterThanOrEqual(bounds.expectedMinorMin - slack);
        expect(expectedMinor).toBeLessThanOrEqual(bounds.expectedMinorMax + slack);
      },
    ),
    { numRuns: 2_000 },
  );
  expect([...seen].toSorted()).toEqual(["LAPSE", "RENEWAL", "SILENCE"]);
});

test("before the next step nothing jumps from one ms to the next, and hardly ever is a step without a jump", () => {
  let steps = 0;
  let jumps = 0;
  fc.assert(
    fc.property(anyHistory(), fc.constantFrom(...MODELS), after, share, (events, model, afterMs, part) => {
      const given = caseOf(events, model, afterMs);
      if (given === null) return;
      const { at, asOf, until } = given;
      const span = Math.min(until - 2 - asOf, AHEAD_MS_MAX);
      if (span > 0) {
        const instant = asOf + Math.floor(part * span);
        expect(jumpOf(at(instant), at(instant + 1))).toBeLessThan(1e-4);
      }
      if (until === Infinity) return;
      steps++;
      jumps += Number(jumpOf(at(until - 1), at(until)) > 1e-3);
    }),
    { numRuns: 1_000 },
  );
  expect(steps).toBeGreaterThan(200);
  expect(jumps).toBeGreaterThan(0.9 * steps);
});

/** How far the churn logit or the value changes, the greater of the two. */
function jumpOf(one: Valuation, other: Valuation): number {
  const logits = Math.abs(one.silenceLogit + one.hazard - other.silenceLogit - other.hazard);
  return Math.max(logits, Math.abs(one.expectedMinor - other.expectedMinor) / (1 + Math.abs(one.expectedMinor)));
}
