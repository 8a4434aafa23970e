import type { Profile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Artefact } from "./artefact.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
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

test("at every hour up to the due time the tier is what it was", () => {
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
        // Fires as the runtime does, over the tier changes that follow.
        while (asOf < end) {
          const due = nextDue(profile, asOf, model);
          const until = Math.min(due ?? end, end);
          const from = asOf;
          const hours = Array.from({ length: Math.max(0, Math.ceil((until - from) / HOUR_MS) - 1) }, (_, i) => i + 1);
          expect(
            hours.find((hour) => score(profile, from + hour * HOUR_MS, model).tier !== profile.tier),
          ).toBeUndefined();
          if (due === null) return;
          expect(due - asOf).toBeGreaterThanOrEqual(DUE_MS_MIN);
          asOf = due;
          judge(profile, asOf, model);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a change is found at most an hour late, in few firings", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const profile = sampleProfile({ purchases: [{ day: 0, amountMinor: 20_000 }] }, model);
  let asOf = SAMPLE_START + DAY_MS;
  judge(profile, asOf, model);
  let firings = 0;
  let changes = 0;
  for (;;) {
    const due = nextDue(profile, asOf, model);
    if (due === null) break;
    firings++;
    const before = profile.tier;
    asOf = due;
    judge(profile, asOf, model);
    if (profile.tier === before) continue;
    changes++;
    // An hour earlier it was not yet so.
    expect(score({ ...profile, tier: before, tierSince: 0 }, asOf - HOUR_MS, model).tier).toBe(before);
  }
  expect(changes).toBeGreaterThanOrEqual(2);
  expect(profile.tier).toBe("OPTIMISATION");
  expect(firings).toBeLessThan(5 * changes);
});

test("a fall that waits for the end of the dwell is due at that end", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const profile = sampleProfile({ purchases: [{ day: 0, amountMinor: 1_000 }] }, model);
  const asOf = SAMPLE_START + 300 * DAY_MS;
  profile.tier = "PLATINUM";
  profile.tierSince = asOf - DAY_MS;
  expect(nextDue(profile, asOf, model)).toBe(asOf - DAY_MS + model.dwellMs);
});

test("a complaint step is due at the very ms at which it is left", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  const profile = sampleProfile({ purchases: [{ day: 0, amountMinor: 1_000 }], complaints: [{ day: 1 }] }, model);
  const asOf = SAMPLE_START + 2 * DAY_MS;
  profile.tier = "OPTIMISATION";
  const due = nextDue(profile, asOf, model);
  // One complaint is half a complaint after a half-life of 90 days, and .5 is where the first step begins.
  expect(due).toBe(SAMPLE_START + 91 * DAY_MS);
  const codes = (at: number): string[] => score(profile, at, model).reasons.map(({ code }) => code);
  expect(codes((due ?? NaN) - 1)).toContain("COMPLAINTS_RECENT");
  expect(codes(due ?? NaN)).not.toContain("COMPLAINTS_RECENT");
});

test("a prospect, and a customer of the lowest tier, are never due", () => {
  const [model = createModel(defaultArtefact())] = MODELS;
  expect(nextDue(sampleProfile({ visits: [0] }, model), SAMPLE_START, model)).toBeNull();
  const profile = sampleProfile({ purchases: [{ day: 0, amountMinor: 1 }] }, model);
  profile.tier = "OPTIMISATION";
  expect(nextDue(profile, SAMPLE_START, model)).toBeNull();
});

function judge(profile: Profile, asOf: number, model: Model): void {
  const { tier } = score(profile, asOf, model);
  if (tier === profile.tier) return;
  profile.tier = tier;
  profile.tierSince = asOf;
}

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
