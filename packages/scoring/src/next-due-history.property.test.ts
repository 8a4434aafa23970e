import type { Profile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel, type Model } from "./model.ts";
import { nextDue } from "./next-due.ts";
import { anyHistory, HISTORY_DAYS } from "./sample-history.arbitrary.ts";
import { sampleHistory, sampleTime } from "./sample-history.ts";
import { score } from "./score.ts";

const HOUR_MS = 3_600_000;
const DAYS_LOOKED_AT = 250;
/** Thresholds that values of contracts and purchases cross often. */
const model = createModel({
  ...defaultArtefact(),
  tiers: {
    thresholds: (["OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"] as const).map((tier, i) => {
      return { tier, fromMajor: [0, 5, 20, 50, 120][i] ?? NaN };
    }),
    band: 0.02,
    dwellDays: 3,
  },
});

test("whatever a customer's contracts, payments and troubles, the tier changes at no hour before the due time", () => {
  let rises = 0;
  fc.assert(
    fc.property(anyHistory(), fc.integer({ min: 0, max: 100 }), (events, silentDays) => {
      const profile = sampleHistory(events, model);
      let asOf = sampleTime(HISTORY_DAYS + silentDays);
      const end = asOf + DAYS_LOOKED_AT * DAY_MS;
      judge(profile, asOf, model);
      while (asOf < end) {
        const due = nextDue(profile, asOf, model);
        const until = Math.min(due ?? end, end);
        let hour = asOf + HOUR_MS;
        while (hour < until && score(profile, hour, model).tier === profile.tier) hour += HOUR_MS;
        expect(hour).toBeGreaterThanOrEqual(until);
        if (due === null) return;
        asOf = due;
        rises += judge(profile, asOf, model);
      }
    }),
    { numRuns: 40 },
  );
  expect(rises).toBeGreaterThan(0);
});

/** @returns 1 where the value is higher than what the tier before was for */
function judge(profile: Profile, asOf: number, by: Model): number {
  const { tier } = score(profile, asOf, by);
  if (tier === profile.tier) return 0;
  const level = (name: string): number => by.tiers.findIndex((each) => each.tier === name);
  const rose = level(tier) > level(profile.tier) && profile.tier !== "NONE";
  profile.tier = tier;
  profile.tierSince = asOf;
  return Number(rose);
}
