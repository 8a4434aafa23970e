import { emptyProfile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { complaintCategoriesOf } from "./complaint-categories.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { exposuresOf } from "./exposure-list.ts";
import { createModel } from "./model.ts";
import { namedCategoriesOf } from "./purchase-breadth.ts";
import { sampleEvent } from "./sample-event.ts";
import { rememberStanding } from "./standing.ts";
import { rememberTierMove, tierMovesOf } from "./tier-moves.ts";

const model = createModel(defaultArtefact());
const START = Date.UTC(2026, 0, 5);

function profileOf(events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[]) {
  const profile = emptyProfile("c1");
  for (const event of events) {
    applyEvent(profile, sampleEvent(event), { referenceAt: null, model, consentDefault: "granted" });
  }
  return profile;
}

test("of each experiment the first exposure stays, in whatever order they come", () => {
  const exposed = (experiment: string, arm: string, day: number, i: number) => ({
    type: "interaction",
    kind: "CAMPAIGN_EXPOSURE",
    eventId: `e${i}`,
    occurredAt: START + day * DAY_MS,
    campaign: "spring",
    experiment,
    arm,
  });
  const events = [
    exposed("one", "a", 5, 0),
    exposed("one", "b", 3, 1),
    exposed("two", "b", 4, 2),
    exposed("two", "a", 4, 3),
    exposed("three", "", 1, 4),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      const { exposures } = profileOf(shuffled);
      const day = START / DAY_MS;
      expect(exposuresOf(exposures).map(({ experiment, arm, day: on }) => [experiment, arm, on - day])).toEqual([
        ["three", "", 1],
        ["one", "b", 3],
        ["two", "a", 4],
      ]);
    }),
  );
});

test("a campaign without an experiment is one; names are cut, and the oldest of more than four leaves", () => {
  const campaigns = ["a", "b", "c", "d", "名".repeat(20)];
  const { exposures } = profileOf(
    campaigns.map((campaign, i) => ({
      type: "interaction",
      kind: "CAMPAIGN_EXPOSURE",
      eventId: `e${i}`,
      occurredAt: START + i,
      campaign,
      arm: "x".repeat(40),
    })),
  );
  expect(exposuresOf(exposures).map(({ experiment, arm, at }) => [experiment, arm.length, at - START])).toEqual([
    ["b", 16, 1],
    ["c", 16, 2],
    ["d", 16, 3],
    ["名".repeat(8), 16, 4],
  ]);
});

test("exposures are kept as a list that is sorted after each of them would be", () => {
  const anyExposure = fc.record({
    campaign: fc.constantFrom("a", "b", "ab", "c", "d", "e", "é", "Ã©", "名", "名名"),
    arm: fc.constantFrom(null, "x", "y"),
    after: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(anyExposure, { maxLength: 20 }), (all) => {
      const { exposures } = profileOf(
        all.map(({ campaign, arm, after }, i) => {
          return {
            type: "interaction",
            kind: "CAMPAIGN_EXPOSURE",
            eventId: `e${i}`,
            occurredAt: START + after,
            campaign,
            arm,
          };
        }),
      );
      let wanted: { readonly experiment: string; readonly arm: string; readonly at: number }[] = [];
      for (const { campaign: experiment, arm, after } of all) {
        const rank = (one: (typeof wanted)[number]) => `${one.at} ${one.arm || " "} ${one.experiment}`;
        const one = { experiment, arm: arm ?? "", at: START + after };
        const before = wanted.find((other) => other.experiment === experiment);
        if (before !== undefined && rank(before) <= rank(one)) continue;
        wanted = [...wanted.filter((other) => other !== before), one]
          .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
          .slice(-4);
      }
      expect(exposuresOf(exposures).map(({ experiment, arm, at }) => ({ experiment, arm, at }))).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

test("names of categories are kept at the place of theirs, also where those before have none", () => {
  const bought = (category: string, i: number) => {
    return sampleEvent({ type: "purchase", kind: "PURCHASE", eventId: `p${i}`, amountMinor: 1, category });
  };
  const profile = emptyProfile("c1");
  const buy = (category: string, i: number) => {
    applyEvent(profile, bought(category, i), { referenceAt: null, model, consentDefault: "granted" });
  };
  for (const [i, category] of ["one", "two", "three"].entries()) buy(category, i);
  const names = () => namedCategoriesOf(profile.categories, profile.categoryNames).map(({ name }) => name);
  // As profiles were before names were kept.
  profile.categoryNames = Buffer.alloc(0);
  buy("three", 3);
  expect(names()).toEqual(["", "", "three"]);
  buy("one", 4);
  expect(names()).toEqual(["one", "", "three"]);
  buy("two", 5);
  buy("four", 6);
  expect(names()).toEqual(["one", "two", "three", "four"]);
});

test("categories bought and complained of are known by name, as far as there is room", () => {
  const profile = profileOf([
    ...Array.from({ length: 10 }, (_, i) => ({
      type: "purchase",
      kind: "PURCHASE",
      eventId: `p${i}`,
      amountMinor: 100 + i,
      category: `category-${i}`,
    })),
    ...["delivery", "delivery", "quality", null].map((category, i) => ({
      type: "complaint",
      kind: "OPENED",
      eventId: `k${i}`,
      complaintId: `k${i}`,
      ...(category === null ? {} : { category }),
    })),
    { type: "complaint", kind: "REOPENED", eventId: "again", complaintId: "k2", category: "quality" },
  ]);
  const named = namedCategoriesOf(profile.categories, profile.categoryNames);
  expect(named.map(({ name }) => name)).toEqual([...Array.from({ length: 8 }, (_, i) => `category-${i}`), "", ""]);
  expect(named.map(({ grossMinor }) => grossMinor)).toEqual(Array.from({ length: 10 }, (_, i) => 100 + i));
  expect(complaintCategoriesOf(profile.complaintCategories)).toEqual([
    { name: "delivery", count: 2 },
    { name: "quality", count: 1 },
  ]);
});

test("what raises churn most is kept, whatever lowers it more, and nothing where nothing raises it", () => {
  const profile = emptyProfile("c1");
  const reason = (code: string, logit: number) => ({ code, logit, params: {} });
  const value = { realisedMinor: 3, expectedMinor: 2, atRiskMinor: 1, currency: "USD" };
  rememberStanding(profile, {
    value,
    reasons: [reason("SILENCE", -3), reason("ENGAGEMENT", 0.5), reason("COMPLAINT_OPEN", 1)],
  });
  expect(profile.standing).toEqual({ realisedMinor: 3, expectedMinor: 2, atRiskMinor: 1, cause: "COMPLAINT_OPEN" });
  rememberStanding(profile, { value, reasons: [reason("SILENCE", -3)] });
  expect(profile.standing?.cause).toBe("");
  rememberStanding(profile, { value: null, reasons: [] });
  expect(profile.standing).toBeNull();
});

test("the newest twelve changes of tier are kept", () => {
  const profile = emptyProfile("c1");
  for (let month = 0; month < 20; month++) {
    const [from, to] = month % 2 === 0 ? (["NONE", "PLATINUM"] as const) : (["PLATINUM", "SILVER"] as const);
    rememberTierMove(profile, { month: 600 + month, from, to });
  }
  const moves = tierMovesOf(profile.tierMoves);
  expect(moves.map(({ month }) => month)).toEqual(Array.from({ length: 12 }, (_, i) => 608 + i));
  expect(moves[0]).toEqual({ month: 608, from: "NONE", to: "PLATINUM" });
  expect(moves[1]).toEqual({ month: 609, from: "PLATINUM", to: "SILVER" });
});
