import { emptyProfile, type Lifecycle, type Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { lifecycleAt } from "./lifecycle.ts";
import { createModel } from "./model.ts";
import { setVoice } from "./optional-sums.ts";
import type { Relationship } from "./relationship.ts";

// New for 60 days, returned for 90; loyal from 4 repeats below .5; slipping from .7 after 30 silent days, lost from .9 after 180;
// band .05; dwell 7 days.
const model = createModel(defaultArtefact());
const FIRST_DAY = 20_000;
const SINCE = FIRST_DAY * DAY_MS + 500 * DAY_MS;

interface Case {
  readonly stage: Lifecycle;
  readonly churn: number;
  readonly repeats?: number;
  /** Days since the stage came into force, and since the last purchase day ended. */
  readonly keptDays?: number;
  readonly silentDays?: number;
}

function stageOf({ stage, churn, repeats = 5, keptDays = 100, silentDays = 300 }: Case): Lifecycle {
  const asOf = SINCE + keptDays * DAY_MS;
  const profile: Profile = {
    ...emptyProfile("c1"),
    lifecycle: stage,
    lifecycleSince: SINCE,
    purchaseDays: repeats + 1,
    firstDay: FIRST_DAY,
    lastDay: asOf / DAY_MS - silentDays - 1,
  };
  return lifecycleAt(profile, relationship(repeats), churn, asOf, model);
}

function relationship(x: number): Relationship {
  return { buyer: { x, tx: 0, bornAt: (FIRST_DAY + 1) * DAY_MS, marginMinor: 100 }, contract: null };
}

test("who never bought is a prospect, whatever came before", () => {
  const profile = { ...emptyProfile("c1"), lifecycle: "LOYAL" } as const;
  expect(lifecycleAt(profile, null, NaN, SINCE, model)).toBe("PROSPECT");
});

test("after the first purchase a customer is new until a repeat purchase, or for so many days", () => {
  const bornAt = (FIRST_DAY + 1) * DAY_MS;
  const profile = { ...emptyProfile("c1"), purchaseDays: 1, firstDay: FIRST_DAY, lastDay: FIRST_DAY };
  const at = (days: number, x: number, ms = 0): Lifecycle =>
    lifecycleAt({ ...profile, purchaseDays: x + 1 }, relationship(x), 0.8, bornAt + days * DAY_MS + ms, model);
  expect(at(0, 0)).toBe("NEW");
  expect(at(60, 0, -1)).toBe("NEW");
  expect(at(60, 0)).toBe("SLIPPING");
  expect(at(1, 1)).toBe("ACTIVE");
});

test("worse at the boundary, once silent for long enough and the dwell is over", () => {
  expect(stageOf({ stage: "ACTIVE", churn: 0.7 })).toBe("SLIPPING");
  expect(stageOf({ stage: "ACTIVE", churn: 0.699 })).toBe("ACTIVE");
  expect(stageOf({ stage: "ACTIVE", churn: 0.95, silentDays: 29 })).toBe("ACTIVE");
  expect(stageOf({ stage: "ACTIVE", churn: 0.95, silentDays: 30 })).toBe("SLIPPING");
  expect(stageOf({ stage: "ACTIVE", churn: 0.95, silentDays: 180 })).toBe("LOST");
  expect(stageOf({ stage: "LOYAL", churn: 0.5 })).toBe("ACTIVE");
  expect(stageOf({ stage: "LOYAL", churn: 0.5, keptDays: 6 })).toBe("LOYAL");
  expect(stageOf({ stage: "LOYAL", churn: 0.5, keptDays: 7 })).toBe("ACTIVE");
});

test("better only below the boundary by the band, or where somebody bought", () => {
  expect(stageOf({ stage: "SLIPPING", churn: 0.65 })).toBe("SLIPPING");
  expect(stageOf({ stage: "SLIPPING", churn: 0.649, keptDays: 0 })).toBe("ACTIVE");
  expect(stageOf({ stage: "SLIPPING", churn: 0.44 })).toBe("LOYAL");
  expect(stageOf({ stage: "SLIPPING", churn: 0.75, silentDays: 0 })).toBe("ACTIVE");
  expect(stageOf({ stage: "ACTIVE", churn: 0.46 })).toBe("ACTIVE");
  expect(stageOf({ stage: "ACTIVE", churn: 0.44 })).toBe("LOYAL");
  expect(stageOf({ stage: "ACTIVE", churn: 0.44, repeats: 3 })).toBe("ACTIVE");
  expect(stageOf({ stage: "LOST", churn: 0.84 })).toBe("SLIPPING");
});

test("who was lost and buys has returned, for so long", () => {
  expect(stageOf({ stage: "LOST", churn: 0.95, keptDays: 200, silentDays: 200 })).toBe("LOST");
  expect(stageOf({ stage: "LOST", churn: 0.95, keptDays: 200, silentDays: 0 })).toBe("RETURNED");
  expect(stageOf({ stage: "RETURNED", churn: 0.95, keptDays: 89 })).toBe("RETURNED");
  expect(stageOf({ stage: "RETURNED", churn: 0.95, keptDays: 90 })).toBe("LOST");
  expect(stageOf({ stage: "RETURNED", churn: 0.3, keptDays: 90 })).toBe("LOYAL");
});

test("on the day of a purchase a stage stands where it would the day after", () => {
  expect(stageOf({ stage: "ACTIVE", churn: 0.48, silentDays: -1 })).toBe("ACTIVE");
});

test("under a running contract churn alone says, and a renewal brings back who was lost", () => {
  const endsAt = SINCE + 300 * DAY_MS;
  const terms = {
    endsAt,
    termMs: 90 * DAY_MS,
    renewsItself: false,
    isEnded: false,
    renewals: 4,
    amountMinor: 100,
    agreedAt: SINCE,
  };
  const contract: Relationship = { buyer: null, contract: { terms, marginMinor: 30 } };
  const profile: Profile = { ...emptyProfile("c1"), lifecycle: "ACTIVE", lifecycleSince: SINCE };
  const at = SINCE + 10 * DAY_MS;
  expect(lifecycleAt(profile, contract, 0.9, at, model)).toBe("LOST");
  expect(lifecycleAt(profile, contract, 0.3, at, model)).toBe("ACTIVE");
  const interactions = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4];
  expect(lifecycleAt({ ...profile, interactions }, contract, 0.3, at, model)).toBe("LOYAL");
  setVoice(profile, { subscribedAt: SINCE + 1 });
  expect(lifecycleAt({ ...profile, lifecycle: "LOST" }, contract, 0.3, at, model)).toBe("RETURNED");
});

describe("of who has a contract and never bought", () => {
  const terms = {
    endsAt: SINCE + 100 * DAY_MS,
    termMs: 365 * DAY_MS,
    renewsItself: false,
    isEnded: false,
    renewals: 0,
    amountMinor: 100,
    agreedAt: SINCE - 10 * DAY_MS,
  };
  const at = (stage: Lifecycle, day: number, changes: Partial<typeof terms>, churn = 1): Lifecycle => {
    const profile: Profile = { ...emptyProfile("c1"), lifecycle: stage, lifecycleSince: SINCE };
    const contract = { terms: { ...terms, ...changes }, marginMinor: 30 };
    return lifecycleAt(profile, { buyer: null, contract }, churn, SINCE + day * DAY_MS, model);
  };

  test("new counts from when it was agreed, however long its term is", () => {
    expect(at("NEW", 49, {}, 0)).toBe("NEW");
    expect(at("NEW", 50, {}, 0)).toBe("ACTIVE");
    expect(at("NEW", 50, { endsAt: SINCE + 3_000 * DAY_MS }, 0)).toBe("ACTIVE");
  });

  test("slipping as soon as it has run out, and lost half a year less the month of slipping later", () => {
    expect(at("ACTIVE", 99.9, {}, 0.4)).toBe("ACTIVE");
    expect(at("ACTIVE", 100, {})).toBe("SLIPPING");
    expect(at("SLIPPING", 249.9, {})).toBe("SLIPPING");
    expect(at("SLIPPING", 250, {})).toBe("LOST");
    for (const stage of ["NEW", "RETURNED"] as const) {
      expect(at(stage, 20, { endsAt: SINCE + 20 * DAY_MS })).toBe("SLIPPING");
    }
  });

  test("lost as soon as the customer has ended it, whatever came before", () => {
    for (const stage of ["PROSPECT", "NEW", "LOYAL", "ACTIVE", "SLIPPING", "RETURNED"] as const) {
      expect(at(stage, 1, { endsAt: SINCE + DAY_MS, isEnded: true })).toBe("LOST");
    }
  });

  test("one that renews itself makes loyal, as events that tell each renewal do", () => {
    const monthly = { renewsItself: true, termMs: 30 * DAY_MS, endsAt: SINCE + 20 * DAY_MS };
    expect(at("NEW", 19, monthly, 0.2)).toBe("NEW");
    expect(at("NEW", 20, monthly, 0.2)).toBe("ACTIVE");
    expect(at("ACTIVE", 109, monthly, 0.2)).toBe("ACTIVE");
    expect(at("ACTIVE", 110, monthly, 0.2)).toBe("LOYAL");
  });
});
