import fc from "fast-check";
import { expect, test } from "vitest";
import { type Artefact } from "./artefact.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { judge } from "./judge.ts";
import { createModel, type Model } from "./model.ts";
import { DUE_MS_MIN, nextDue } from "./next-due.ts";
import { SAMPLE_START, type SampleLife, sampleProfile } from "./sample-profile.ts";
import { score } from "./score.ts";

const HOUR_MS = 3_600_000;
const DAYS_LOOKED_AT = 400;

/** Others than the default: quick buyers who soon leave; a short horizon; steep hazards. */
const MODELS: readonly Model[] = [
  {},
  { purchases: { r: 1, alpha: 0.5, a: 8, b: 0.2 }, valueHorizonDays: 60 },
  { purchases: { r: 3, alpha: 20, a: 2, b: 0.1 }, hazard: { ...defaultArtefact().hazard, engagement: -2 } },
].map((changes: Partial<Artefact>) => createModel({ ...defaultArtefact(), ...changes }));

test("at every hour up to the due time nothing is found, and what alerts wait for is what it was", () => {
  fc.assert(
    fc.property(
      anyLife(),
      fc.constantFrom(...MODELS),
      fc.double({ min: 0, max: 300, noNaN: true }),
      (life, model, silentDays) => {
        const profile = sampleProfile(life, model);
        let asOf = SAMPLE_START + Math.floor((100 + silentDays) * DAY_MS);
        const end = asOf + DAYS_LOOKED_AT * DAY_MS;
        judge(profile, asOf, model);
        // Fires as the runtime does, over the changes that follow.
        while (asOf < end) {
          const due = nextDue(profile, asOf, model);
          for (let at = asOf + HOUR_MS; at < Math.min(due ?? end, end); at += HOUR_MS) {
            const copy = { ...profile };
            const { tier, lifecycleChanged, alerts } = judge(copy, at, model);
            expect({ tier, lifecycleChanged, alerts }).toEqual({ tier: null, lifecycleChanged: false, alerts: null });
            expect(copy.alertFlags).toBe(profile.alertFlags);
          }
          if (due === null) return;
          expect(due - asOf).toBeGreaterThanOrEqual(DUE_MS_MIN);
          asOf = due;
          judge(profile, asOf, model);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("a change is found to the ms, in few firings", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const profile = sampleProfile({ purchases: [{ day: 0, amountMinor: 20_000 }] }, model);
  let asOf = SAMPLE_START + DAY_MS;
  const end = asOf + 3_000 * DAY_MS;
  judge(profile, asOf, model);
  let firings = 0;
  let changes = 0;
  for (;;) {
    const due = nextDue(profile, asOf, model);
    if (due === null || due > end) break;
    firings++;
    const before = { ...profile };
    asOf = due;
    if (judge(profile, asOf, model).tier === null) continue;
    changes++;
    // A ms earlier it was not yet so.
    expect(score({ ...before, tierSince: 0 }, asOf - 1, model).tier).toBe(before.tier);
  }
  expect(changes).toBeGreaterThanOrEqual(2);
  expect(profile.tier).toBe("OPTIMISATION");
  expect(firings).toBeLessThan(5 * changes);
});

test("a fall that waits for the end of the dwell is due at that end", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const profile = sampleProfile({ purchases: [{ day: 0, amountMinor: 1_000 }] }, model);
  const asOf = SAMPLE_START + 300 * DAY_MS;
  judge(profile, asOf, model);
  profile.tier = "PLATINUM";
  profile.tierSince = asOf - DAY_MS;
  expect(nextDue(profile, asOf, model)).toBe(asOf - DAY_MS + model.dwellMs);
});

test("what a complaint step changes is due at the very ms at which the step is left", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const purchases = [0, 7, 14].map((day) => ({ day, amountMinor: 1_000 }));
  const profile = sampleProfile({ purchases, complaints: [{ day: 15 }] }, model);
  // One complaint is half a complaint after a half-life of 90 days, and .5 is where the first step begins.
  const left = SAMPLE_START + 105 * DAY_MS;
  let asOf = SAMPLE_START + 20 * DAY_MS;
  judge(profile, asOf, model);
  for (;;) {
    const due = nextDue(profile, asOf, model);
    expect(due).not.toBeNull();
    asOf = due ?? NaN;
    if (asOf >= left) break;
    judge(profile, asOf, model);
  }
  expect(asOf).toBe(left);
  const before = { ...profile };
  expect(judge(before, left - 1, model)).toMatchObject({ tier: null, lifecycleChanged: false, alerts: null });
  expect(judge(profile, left, model).tier).not.toBeNull();
});

test("a prospect is never due", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const profile = sampleProfile({ visits: [0] }, model);
  judge(profile, SAMPLE_START, model);
  expect(nextDue(profile, SAMPLE_START, model)).toBeNull();
});

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
