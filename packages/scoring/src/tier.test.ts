import type { Tier } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { judgeTier, levelOf, type TierJudgement } from "./tier.ts";

// Thresholds in USD: 0, 2.50, 6, 20, 60; band 10 %; dwell 14 days.
const model = createModel(defaultArtefact());
const NOW = Date.UTC(2026, 0, 1);
const LONG_AGO = NOW - 100 * DAY_MS;

const judge = (tier: Tier, expectedMinor: number | null, tierSince = LONG_AGO): Tier =>
  judgeTier({ tier, tierSince }, expectedMinor, NOW, model)?.to ?? tier;

test("a first tier is the highest whose threshold is reached", () => {
  expect(judge("NONE", 0, 0)).toBe("OPTIMISATION");
  expect(judge("NONE", 249, 0)).toBe("OPTIMISATION");
  expect(judge("NONE", 250, 0)).toBe("DEVELOPMENT");
  expect(judge("NONE", 1_000_000, 0)).toBe("PLATINUM");
});

test("up at the threshold, at once and over several tiers; down only below the band", () => {
  expect(judge("SILVER", 2_000, NOW)).toBe("GOLD");
  expect(judge("SILVER", 1_999)).toBe("SILVER");
  expect(judge("DEVELOPMENT", 6_000, NOW - 1)).toBe("PLATINUM");
  expect(judge("GOLD", 1_800)).toBe("GOLD");
  expect(judge("GOLD", 1_799)).toBe("SILVER");
});

test("not down before the dwell is over, to the millisecond", () => {
  expect(judge("GOLD", 0, NOW - 14 * DAY_MS + 1)).toBe("GOLD");
  expect(judge("GOLD", 0, NOW - 14 * DAY_MS)).toBe("OPTIMISATION");
});

test("a fall stops at the first tier whose band holds the value", () => {
  expect(judge("PLATINUM", 1_850)).toBe("GOLD");
  expect(judge("PLATINUM", 545)).toBe("SILVER");
});

test("without a purchase there is no tier", () => {
  expect(judge("GOLD", null, NOW)).toBe("NONE");
  expect(judgeTier({ tier: "NONE", tierSince: 0 }, null, NOW, model)).toBeNull();
});

test("a change carries its evidence", () => {
  expect(judgeTier({ tier: "GOLD", tierSince: LONG_AGO }, 900, NOW, model)).toEqual({
    from: "GOLD",
    to: "SILVER",
    at: NOW,
    reason: "FELL_BELOW",
    evidence: { expectedMinor: 900, boundaryMinor: 1_800, keptMs: 100 * DAY_MS },
  });
  expect(judgeTier({ tier: "SILVER", tierSince: LONG_AGO }, 7_000, NOW, model)).toMatchObject({
    reason: "REACHED",
    evidence: { boundaryMinor: 6_000 },
  });
  const first = judgeTier({ tier: "NONE", tierSince: 0 }, 700, NOW, model);
  expect(first).toMatchObject({ reason: "FIRST", evidence: { boundaryMinor: 600, keptMs: 0 } });
  const cancelled = judgeTier({ tier: "GOLD", tierSince: LONG_AGO }, null, NOW, model);
  expect(cancelled).toMatchObject({ to: "NONE", reason: "NO_CUSTOMER", evidence: { boundaryMinor: null } });
});

test("judged again at once nothing changes, and no change is reversed without leaving the band", () => {
  const anyTier = fc.constantFrom<Tier>("NONE", "OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM");
  fc.assert(
    fc.property(
      anyTier,
      fc.integer({ min: 0, max: 10_000 }),
      fc.double({ min: -0.099, max: 0, noNaN: true }),
      (tier, value, drop) => {
        const to = judge(tier, value);
        expect(judge(to, value)).toBe(to);
        // A little lower, though still above the band below what was just reached, and however long ago.
        const { tiers } = model;
        if (levelOf(to, tiers) > levelOf(tier, tiers)) expect(judge(to, Math.ceil(value * (1 + drop)))).toBe(to);
      },
    ),
  );
});

test("whatever values come in whatever order, a tier is never left and taken again within its band, nor lost within the dwell", () => {
  const anyStep = fc.record({ value: fc.integer({ min: 0, max: 10_000 }), days: fc.integer({ min: 0, max: 20 }) });
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 2, maxLength: 40 }), (steps) => {
      let asOf = NOW;
      let standing: { tier: Tier; tierSince: number } = { tier: "NONE", tierSince: 0 };
      let before: TierJudgement | null = null;
      for (const { value, days } of steps) {
        asOf += days * DAY_MS;
        const change = judgeTier(standing, value, asOf, model);
        if (change === null) continue;
        if (change.reason === "FELL_BELOW") expect(change.evidence.keptMs).toBeGreaterThanOrEqual(model.dwellMs);
        if (before !== null && change.to === before.from) {
          // Reversed: the value has crossed the whole band of the upper one of the two tiers.
          const upper = model.tiers[Math.max(levelOf(change.from, model.tiers), levelOf(change.to, model.tiers))];
          const values = [before.evidence.expectedMinor ?? NaN, value];
          expect(Math.max(...values)).toBeGreaterThanOrEqual(upper?.fromMinor ?? NaN);
          expect(Math.min(...values)).toBeLessThan(upper?.keptFromMinor ?? NaN);
        }
        before = change;
        standing = { tier: change.to, tierSince: asOf };
      }
    }),
    { numRuns: 300 },
  );
});
