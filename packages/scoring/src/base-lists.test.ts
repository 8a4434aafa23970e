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
