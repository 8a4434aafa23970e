import fc from "fast-check";
import { expect, test } from "vitest";
import { type Artefact } from "./artefact.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel, type Model } from "./model.ts";
import { SAMPLE_START, type SampleLife, sampleProfile } from "./sample-profile.ts";
import { relationshipOf } from "./relationship.ts";
import { valuationAt } from "./valuation.ts";
import { stepsUntil, valuationBounds } from "./valuation-bounds.ts";

const { hazard } = defaultArtefact();

/** The default; hazards of either sign. */
const MODELS: readonly Model[] = [
  {},
  { hazard: { ...hazard, engagement: 0.8 } },
  { hazard: { ...hazard, engagement: -2 } },
].map((changes: Partial<Artefact>) => createModel({ ...defaultArtefact(), ...changes }));

const AHEAD_MS_MAX = 800 * DAY_MS;
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("between two instants without a step churn and value lie within the bounds of the two", () => {
  fc.assert(
    fc.property(
      anyLife(),
      fc.constantFrom(...MODELS),
      fc.integer({ min: 0, max: 300 * DAY_MS }),
      fc.array(share, { minLength: 3, maxLength: 3 }),
      (life, model, after, shares) => {
        const profile = sampleProfile(life, model);
        const relationship = relationshipOf(profile, model);
        if (relationship === null) return;
        const asOf = SAMPLE_START + 100 * DAY_MS + after;
        const until = stepsUntil(profile, asOf, model);
        expect(until).toBeGreaterThan(asOf);
        const span = Math.min(until - 1 - asOf, AHEAD_MS_MAX);
        const [first = asOf, middle = asOf, last = asOf] = shares
          .map((part) => asOf + Math.floor(part * span))
          .toSorted((a, b) => a - b);
        const at = (instant: number) => valuationAt(profile, relationship, instant, model);
        const bounds = valuationBounds(at(first), at(last));
        const { churn, expectedMinor } = at(middle);
        expect(churn).toBeGreaterThanOrEqual(bounds.churnMin - 1e-12);
        expect(churn).toBeLessThanOrEqual(bounds.churnMax + 1e-12);
        const slack = 1e-9 * Math.abs(expectedMinor);
        expect(expectedMinor).toBeGreaterThanOrEqual(bounds.expectedMinorMin - slack);
        expect(expectedMinor).toBeLessThanOrEqual(bounds.expectedMinorMax + slack);
      },
    ),
    { numRuns: 400 },
  );
});

test("before the next step no term jumps, and a step is exact to the ms", () => {
  fc.assert(
    fc.property(
      anyLife(),
      fc.constantFrom(...MODELS),
      fc.integer({ min: 0, max: 300 * DAY_MS }),
      (life, model, after) => {
        const profile = sampleProfile(life, model);
        const relationship = relationshipOf(profile, model);
        if (relationship === null) return;
        const asOf = SAMPLE_START + 100 * DAY_MS + after;
        const until = stepsUntil(profile, asOf, model);
        if (until === Infinity) return;
        const [before, at] = [until - 1, until].map((instant) => valuationAt(profile, relationship, instant, model));
        const jump = Math.abs(
          (at?.silenceLogit ?? NaN) + (at?.hazard ?? NaN) - (before?.silenceLogit ?? NaN) - (before?.hazard ?? NaN),
        );
        expect(jump).toBeGreaterThan(1e-4);
      },
    ),
    { numRuns: 200 },
  );
});

/** Of 100 days. */
function anyLife(): fc.Arbitrary<SampleLife> {
  const day = fc.double({ min: 0, max: 99, noNaN: true });
  return fc.record({
    purchases: fc.array(fc.record({ day, amountMinor: fc.integer({ min: 0, max: 30_000 }) }), {
      minLength: 1,
      maxLength: 12,
    }),
    visits: fc.array(day, { maxLength: 30 }),
    complaints: fc.array(fc.record({ day, open: fc.boolean() }), { maxLength: 6 }),
  });
}
