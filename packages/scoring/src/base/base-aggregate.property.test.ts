import { emptyProfile, type Profile } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEvent } from "../apply-event.ts";
import { monthOf } from "../calendar-month.ts";
import { DAY_MS } from "../day-calendar.ts";
import { defaultArtefact } from "../default-artefact.ts";
import { createModel } from "../model.ts";
import { sampleEvent } from "../sample-event.ts";
import { score } from "../score.ts";
import { rememberStanding } from "../standing.ts";
import { rememberTierMove } from "../tier-moves.ts";
import { BaseAggregate, type BaseMember } from "./base-aggregate.ts";
import { addSums, createBaseSums, saveSums, type SavedSums } from "./base-sums.ts";
import { NAME_MONTHS_MAX } from "./name-months.ts";

const model = createModel(defaultArtefact());
const START = Date.UTC(2024, 0, 1);

/** The last month that any of the events can bring: who lapses 90 days after the last day. */
const NEWEST = monthOf(START / DAY_MS + 900 + 90);

const event = fc.record({
  customer: fc.integer({ min: 0, max: 5 }),
  // Near each other too: a purchase soon after an exposure converts it.
  day: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 900 })),
  what: fc.constantFrom(
    { type: "purchase", kind: "PURCHASE", amountMinor: 1_234, category: "tea" },
    { type: "purchase", kind: "PURCHASE", amountMinor: 99_999, category: "pots", orderId: "o" },
    { type: "purchase", kind: "REFUND", amountMinor: 700 },
    { type: "purchase", kind: "CANCELLATION", orderId: "o", amountMinor: 0, originalOccurredAt: START },
    { type: "interaction", kind: "FEEDBACK", scale: "NPS", rating: 9 },
    { type: "interaction", kind: "FEEDBACK", scale: "CSAT", rating: 2 },
    { type: "interaction", kind: "REFERRAL", referredCustomerId: "c9", converted: true },
    { type: "interaction", kind: "RENEW" },
    { type: "interaction", kind: "UNSUBSCRIBE" },
    { type: "interaction", kind: "CAMPAIGN_EXPOSURE", campaign: "spring", arm: "bold" },
    { type: "interaction", kind: "CAMPAIGN_EXPOSURE", campaign: "spring", experiment: "subject", arm: "plain" },
    { type: "complaint", kind: "OPENED", complaintId: "k", category: "delivery" },
    { type: "complaint", kind: "WITHDRAWN", complaintId: "k" },
    { type: "customer", segment: "retail", region: "north", industry: "it" },
    { type: "customer", segment: "business", region: "south" },
    { type: "customer", consent: { scoring: false } },
    { type: "customer", consent: { scoring: true } },
  ),
});

test("after any events, withdrawals among them, the sums are those of the profiles as they are, and nothing of what they were", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const { aggregate, profiles } = followed(events);
      expect(comparable(saveSums(aggregate.sums))).toEqual(comparable(saveSums(madeOf(profiles).sums)));
      for (const profile of profiles) aggregate.update(memberOf(profile), null);
      const none = saveSums(aggregate.sums);
      expect(comparable(none)).toEqual(comparable(saveSums(new BaseAggregate(90).sums)));
    }),
    { numRuns: 150 },
  );
});

test("parts add up to the whole, and what is saved comes back as it was", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const { aggregate, profiles } = followed(events);
      const parts = [0, 1, 2].map((part) => madeOf(profiles.filter((_, i) => i % 3 === part)));
      const sum = createBaseSums(parts.length);
      for (const { sums } of parts) addSums(sum, sums);
      expect(comparable(saveSums(sum))).toEqual(comparable(saveSums(aggregate.sums)));

      const again = new BaseAggregate(90);
      expect(again.load(JSON.parse(JSON.stringify(aggregate.save())) as object)).toBe(true);
      expect(saveSums(again.sums)).toEqual(saveSums(aggregate.sums));
    }),
    { numRuns: 80 },
  );
});

test("what another version saved, or one with another lapse, is not loaded", () => {
  const saved = new BaseAggregate(90).save();
  expect(new BaseAggregate(60).load(saved)).toBe(false);
  expect(new BaseAggregate(90).load({ ...saved, version: 0 })).toBe(false);
  expect(new BaseAggregate(90).load({ customers: 1, byTier: {} } as object)).toBe(false);
  expect(new BaseAggregate(90).load(saved)).toBe(true);
});

function followed(events: readonly { customer: number; day: number; what: { type: string } }[]): {
  aggregate: BaseAggregate;
  profiles: Profile[];
} {
  const aggregate = new BaseAggregate(90);
  const profiles = Array.from({ length: 6 }, (_, i) => emptyProfile(`c${i}`));
  for (const [i, { customer, day, what }] of events.entries()) {
    const profile = profiles[customer];
    if (profile === undefined) continue;
    const before = copyOf(profile);
    const occurredAt = START + day * DAY_MS;
    const outcome = applyEvent(
      profile,
      sampleEvent({ ...what, eventId: `e${i}`, customerId: `c${customer}`, occurredAt }),
      {
        referenceAt: null,
        model,
        consentDefault: "granted",
      },
    );
    if (outcome === "applied") scored(profile, START + 900 * DAY_MS + i);
    aggregate.update(memberOf(before), memberOf(profile));
  }
  return { aggregate, profiles };
}

/** As the processor does. */
function scored(profile: Profile, at: number): void {
  if (profile.consent === "WITHDRAWN") {
    profile.scoredAt = 0;
    return;
  }
  const body = score(profile, at, model);
  profile.scoredAt = at;
  rememberStanding(profile, body);
  if (body.tier === profile.tier) return;
  rememberTierMove(profile, { month: 680, from: profile.tier, to: body.tier });
  profile.tier = body.tier;
}

function madeOf(profiles: readonly Profile[]): BaseAggregate {
  const aggregate = new BaseAggregate(90);
  for (const profile of profiles.toReversed()) aggregate.update(null, memberOf(profile));
  return aggregate;
}

function memberOf(profile: Profile): BaseMember {
  // Lists are written to in place by the events that come.
  const copy = copyOf(profile);
  return { profile: copy, lifecycle: copy.purchaseDays > 0 ? "ACTIVE" : "PROSPECT" };
}

function copyOf(profile: Profile): Profile {
  const entries = Object.entries(structuredClone(profile)).map(([name, value]) => {
    return [name, value instanceof Uint8Array ? Buffer.from(value) : value] as const;
  });
  return Object.fromEntries(entries) as unknown as Profile;
}

/** Without names of which nothing is left, and months as if they all began with the same. */
function comparable({ totals, groups, names, life, groupLife, moves, revenue }: SavedSums): object {
  const alive = (sums: SavedSums["groups"][number]): object => ({
    names: sums.names
      .filter(([, own]) => own.some((sum) => sum !== 0))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
    other: sums.other,
  });
  const byMonth = ({ first, before, entries }: SavedSums["life"], width: number): object => ({
    before,
    entries: entries.map(([place, value]) => [first * width + place, value]),
  });
  // Which of the older months are kept by themselves depends on what has come and gone: they are compared together.
  const lived = ({ first, before, entries }: SavedSums["life"]): object => {
    const early = [...before];
    const late: (readonly [number, number])[] = [];
    for (const [place, value] of entries) {
      if (first + Math.floor(place / 3) >= NEWEST - NAME_MONTHS_MAX + 1) late.push([first * 3 + place, value]);
      else early[place % 3] = (early[place % 3] ?? 0) + value;
    }
    return { early, late };
  };
  return {
    totals,
    groups: groups.map(alive),
    names: names.map(alive),
    life: byMonth(life, 3),
    groupLife: groupLife.map((sums) => ({
      names: sums.names
        .map(([name, own]) => [name, lived(own)] as const)
        .toSorted(([one], [other]) => (one < other ? -1 : 1)),
      other: lived(sums.other),
    })),
    moves: byMonth(moves, 49),
    revenue,
  };
}
