import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BaseBody } from "../../services/gateway/src/base-body.ts";
import {
  customersOf,
  plainChurn,
  plainFigures,
  plainMonths,
  type PlainCustomer,
  type SentEvent,
} from "./base-oracle.ts";
import { openRig, PARTITIONS, type Rig, untilAsync, viewsOf } from "./rig.ts";

const DAY_MS = 86_400_000;
const CUSTOMERS = 150;
const COMMAND = fileURLToPath(new URL("../../services/cli/src/main.ts", import.meta.url));

let folder = "";
/** What the simulated shop sends, in the order in which it arrives, and what a shop without contracts does not. */
let events: readonly SentEvent[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-base-"));
  const out = join(folder, "events.ndjson");
  const words = ["simulate", "--customers", String(CUSTOMERS), "--days", "420", "--seed", "5", "--out", out];
  await promisify(execFile)(process.execPath, [COMMAND, ...words]);
  const lines = (await readFile(out, "utf8")).trim().split("\n");
  const sold = lines
    .map((line) => JSON.parse(line) as SentEvent)
    .map((event) => {
      return { ...event, occurredAt: new Date(event.occurredAt).getTime() };
    });
  events = [...sold, ...others(sold)];
});
afterAll(async () => rm(folder, { recursive: true }));

test("what is kept by each change equals a plain recomputation from the events, after withdrawals and restarts too", async () => {
  await using rig = await openRig({ withPipeline: true });
  await send(rig, events);
  const all = customersOf(events);
  const first = await settled(rig, all.length);
  expectPlain(first, all);
  await expectScores(rig, first, events);
  expect(first.tierMoves).toEqual(await plainMoves(rig, new Set()));
  // How many there are depends on how the events fall into turns.
  expect(first.tierMoves.length).toBeGreaterThan(1);
  expect(first.tick).not.toBeNull();

  // The same log read by views that end and go on, as they do in a server that is started again.
  const directory = join(folder, "views");
  await withViews(rig, directory, all.length);
  const leaving = [...new Set(events.map(({ customerId }) => customerId))].filter((_, i) => i % 4 === 0);
  const withdrawals = leaving.map((customerId, i): SentEvent => {
    const consent = { scoring: false };
    return { type: "customer", eventId: `w${i}`, customerId, occurredAt: Date.now() - 1_000 + i, consent };
  });
  await send(rig, withdrawals);
  const left = customersOf([...events, ...withdrawals]);
  expect(left.length).toBe(all.length - leaving.length);
  const second = await settled(rig, left.length);
  expectPlain(second, left);
  await expectScores(rig, second, events);
  expect(second.tierMoves).toEqual(await plainMoves(rig, new Set(leaving)));
  // Customer by customer the views hold what they hold who have read all from the start.
  const restarted = await withViews(rig, directory, left.length);
  expect(restarted).toEqual(await withViews(rig, join(folder, "views-anew"), left.length));
  expect(restarted.totals[0]).toBe(left.length);
  for (const sums of Object.values(restarted.groups)) {
    expect(sums.reduce((total, own) => total + (own[1][0] ?? 0), 0)).toBe(left.length);
  }
});

test("nobody is there: no figure is made up", async () => {
  await using rig = await openRig({ withPipeline: true });
  const body = await settled(rig, 0);
  expect(body).toMatchObject({
    all: { customers: 0, repurchaseRate: null, csi: { mean: null }, nps: { score: null }, renewals: { rate: null } },
    months: [],
    churnPeak: null,
    tierMoves: [],
    concentration: { topFifthShare: null, gini: null, classes: null },
  });
});

/** What the simulated shop does not know: satisfaction by CSAT, contracts, industries. */
function others(sold: readonly SentEvent[]): SentEvent[] {
  const ids = [...new Set(sold.map(({ customerId }) => customerId))];
  const last = Math.max(...sold.map(({ occurredAt }) => occurredAt));
  return ids.flatMap((customerId, i): SentEvent[] => {
    const event = (name: string, fields: object): SentEvent => {
      return {
        type: "interaction",
        eventId: `${name}-${i}`,
        customerId,
        occurredAt: last - (i % 40) * DAY_MS,
        ...fields,
      };
    };
    const region = `region-${i % 70}`;
    return [
      ...(i % 3 === 0 ? [event("csat", { kind: "FEEDBACK", scale: "CSAT", rating: 1 + (i % 5) })] : []),
      ...(i % 5 === 0 ? [event("sub", { kind: "SUBSCRIBE", termDays: 365 })] : []),
      ...(i % 10 === 0 ? [event("renew", { kind: "RENEW", termDays: 365 })] : []),
      ...(i % 15 === 0 ? [event("end", { kind: "UNSUBSCRIBE" })] : []),
      ...(i % 2 === 0
        ? [event("who", { type: "customer", segment: "family", industry: `industry-${i % 3}`, region })]
        : []),
    ];
  });
}

async function send(rig: Rig, sent: readonly SentEvent[]): Promise<void> {
  for (let from = 0; from < sent.length; from += 1_000) {
    const body = JSON.stringify({ events: sent.slice(from, from + 1_000) });
    const answer = await rig.call("/v1/events", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(await answer.json()).toMatchObject({ rejected: [] });
  }
}

/** The figures once all that was appended is in them: of so many customers, and the same for longer than an answer is kept. */
async function settled(rig: Rig, customers: number): Promise<BaseBody> {
  let before = "";
  let body: BaseBody | null = null;
  let sameSince = 0;
  await untilAsync(async () => {
    const answer = await rig.call("/v1/base");
    if (answer.status !== 200) return false;
    body = (await answer.json()) as BaseBody;
    const { at: _at, tick: _tick, ...figures } = body;
    const now = JSON.stringify(figures);
    if (now !== before) sameSince = performance.now();
    before = now;
    return body.all.customers === customers && performance.now() - sameSince > 2_500;
  }, 45_000);
  if (body === null) throw new Error("there was an answer");
  return body;
}

function expectPlain(body: BaseBody, customers: readonly PlainCustomer[]): void {
  const { all } = body;
  expect({
    customers: all.customers,
    buyers: all.buyers,
    repeatBuyers: all.repeatBuyers,
    purchases: all.purchases,
    revenueMinor: all.revenueMinor,
    csatCustomers: all.csi.customers,
    nps: { promoters: all.nps.promoters, passives: all.nps.passives, detractors: all.nps.detractors },
    complainants: all.complaints.customers,
    complaints: all.complaints.opened,
    complaintsOpen: all.complaints.open,
    renewed: all.renewals.renewed,
    terminated: all.renewals.terminated,
    referrers: all.referrals.customers,
    referrals: all.referrals.made,
    referralsConverted: all.referrals.converted,
  }).toEqual(plainFigures(customers));
  const csat = customers.map((customer) => customer.csat).filter((ratings) => ratings.length > 0);
  // One rating each: their means are the ratings.
  expect(all.csi.mean).toBeCloseTo(csat.reduce((sum, [rating]) => sum + (rating ?? NaN), 0) / csat.length, 3);
  for (const by of ["segment", "industry", "region"] as const) expectGroups(body, customers, by);
  expectMonths(body, customers);
  expectChurnAddsUp(body);
  expectConcentration(body, customers);
  expectNames(body, customers);
}

function expectGroups(
  body: BaseBody,
  customers: readonly PlainCustomer[],
  by: "segment" | "industry" | "region",
): void {
  const { groups, other } = body.by[by];
  const plain = Map.groupBy(customers, (customer) => customer.fact(by));
  for (const { name, customers: count, revenueMinor, purchases, churn } of groups) {
    const own = plain.get(name) ?? [];
    const figures = plainFigures(own);
    if (by !== "region") expectChurn(churn, own, body);
    // A partition has 64 names of its own; of the 74 regions those that came later there are among the others.
    if (by === "region") expect(count).toBeLessThanOrEqual(own.length);
    else {
      expect({ name, count, revenueMinor, purchases }).toEqual({
        name,
        count: own.length,
        revenueMinor: figures.revenueMinor,
        purchases: figures.purchases,
      });
    }
  }
  const counted = groups.reduce((sum, group) => sum + group.customers, other?.customers ?? 0);
  expect(counted).toBe(customers.length);
  expect(groups.length).toBe(Math.min(64, plain.size));
  const atRisk = groups.reduce((sum, group) => sum + group.value.atRiskMinor, other?.value.atRiskMinor ?? 0);
  expect(atRisk).toBe(body.all.value.atRiskMinor);
}

function expectChurn(
  { months, peak }: BaseBody["by"]["segment"]["groups"][number]["churn"],
  own: readonly PlainCustomer[],
  body: BaseBody,
): void {
  expect(months).toEqual(plainChurn(own, body.lapseDays, body.months.at(-1)?.month ?? ""));
  expect(months.length).toBe(12);
  expect(peak?.churnRate).toBe(Math.max(...months.map(({ churnRate }) => churnRate ?? 0)));
  expect(months.find(({ month }) => month === peak?.month)?.churnRate).toBe(peak?.churnRate);
}

/** Whatever names there are, places for them or none: all groups together are the base, month by month. */
function expectChurnAddsUp({ months, by }: BaseBody): void {
  for (const { groups, other } of [by.segment, by.industry, by.region]) {
    const rows = [...groups, ...(other === null ? [] : [other])].flatMap(({ churn }) => churn.months);
    for (const { month, activeAtStart, lapsed } of months.filter(({ complete }) => complete).slice(-12)) {
      const own = rows.filter((row) => row.month === month);
      const sum = (of: (row: (typeof own)[number]) => number): number => own.reduce((total, row) => total + of(row), 0);
      expect({ activeAtStart: sum((row) => row.activeAtStart), lapsed: sum((row) => row.lapsed) }).toEqual({
        activeAtStart,
        lapsed,
      });
    }
  }
}

function expectMonths({ months, churnPeak, lapseDays }: BaseBody, customers: readonly PlainCustomer[]): void {
  const plain = plainMonths(customers, lapseDays);
  expect(months.length).toBeGreaterThan(12);
  for (const { month, complete, acquired, returned, lapsed, activeAtStart, churnRate, retentionRate } of months) {
    const want = plain(month);
    expect({ month, acquired, returned, activeAtStart }).toEqual({
      month,
      acquired: want.acquired,
      returned: want.returned,
      activeAtStart: want.activeAtStart,
    });
    expect(lapsed).toBe(complete ? want.lapsed : null);
    if (churnRate === null) continue;
    expect(churnRate).toBeCloseTo(want.lapsed / want.activeAtStart, 12);
    expect(churnRate + (retentionRate ?? NaN)).toBeCloseTo(1, 12);
  }
  expect(months.filter(({ complete }) => !complete).length).toBe(1);
  const rates = months.map(({ churnRate }) => churnRate ?? 0);
  expect(churnPeak?.churnRate).toBe(Math.max(...rates));
}

function expectConcentration({ concentration }: BaseBody, customers: readonly PlainCustomer[]): void {
  const revenues = customers
    .filter(({ days }) => days.length > 0)
    .map(({ revenueMinor }) => revenueMinor)
    .toSorted((a, b) => b - a);
  const total = revenues.reduce((sum, revenue) => sum + revenue, 0);
  const fifth = revenues.slice(0, Math.round(revenues.length / 5)).reduce((sum, revenue) => sum + revenue, 0);
  // As many as a fifth of them, rounded, and alike within a bucket.
  expect(Math.abs((concentration.topFifthShare ?? NaN) - fifth / total)).toBeLessThan(0.01);
  let pairs = 0;
  for (const one of revenues) for (const other of revenues) pairs += Math.abs(one - other);
  expect(Math.abs((concentration.gini ?? NaN) - pairs / (2 * revenues.length * total))).toBeLessThan(0.003);
  let made = 0;
  let inA = 0;
  for (const revenue of revenues) {
    if (made >= 0.8 * total) break;
    made += revenue;
    inA++;
  }
  expect(Math.abs((concentration.classes?.a ?? NaN) - inA / revenues.length)).toBeLessThan(0.01);
}

function expectNames(body: BaseBody, customers: readonly PlainCustomer[]): void {
  const { categories, complaintCategories, experiments } = body;
  const counts = (names: readonly string[]): Record<string, number> => {
    const counted: Record<string, number> = {};
    for (const name of names.toSorted()) counted[name] = (counted[name] ?? 0) + 1;
    return counted;
  };
  const complained = customers.flatMap(({ complaints }) => complaints.map(({ category }) => category));
  expect(Object.fromEntries(complaintCategories.categories.map(({ name, complaints }) => [name, complaints]))).toEqual(
    counts(complained),
  );
  const bought = customers.flatMap(({ purchases }) => purchases.map(({ category }) => String(category).slice(0, 16)));
  expect(Object.fromEntries(categories.categories.map(({ name, purchases }) => [name, purchases]))).toEqual(
    counts(bought),
  );
  expect(categories.other.purchases).toBe(0);

  const exposed = customers.flatMap(({ exposures, days }) =>
    exposures.map(({ experiment, arm, day }) => ({
      name: `${experiment}/${arm}`,
      converted: days.some((bought_) => bought_ >= day && bought_ <= day + 30),
    })),
  );
  expect(
    Object.fromEntries(experiments.arms.map(({ experiment, arm, exposed: count }) => [`${experiment}/${arm}`, count])),
  ).toEqual(counts(exposed.map(({ name }) => name)));
  const converted = exposed.filter((one) => one.converted).length;
  expect(experiments.arms.reduce((sum, arm) => sum + arm.converted, 0)).toBe(converted);
  expect(converted).toBeGreaterThan(10);
  for (const { rate, lower, upper } of experiments.arms) expect(lower <= rate && rate <= upper).toBe(true);
}

/** Value, tiers, stages and causes are those of the customers' scores, asked for one by one. */
async function expectScores(rig: Rig, body: BaseBody, sent: readonly SentEvent[]): Promise<void> {
  const scores: Score[] = [];
  for (const id of new Set(sent.map(({ customerId }) => customerId))) {
    const answer = await rig.call(`/v1/customers/${id}`);
    if (answer.status === 200) scores.push(((await answer.json()) as { readonly score: Score }).score);
  }
  expect(scores.length).toBe(body.all.customers);
  const sum = (own: readonly Score[], name: "realisedMinor" | "expectedMinor" | "atRiskMinor"): number =>
    own.reduce((total, { value }) => total + (value?.[name] ?? 0), 0);
  const valueOf = (own: readonly Score[]): object => ({
    customers: own.filter(({ value }) => value !== null).length,
    realisedMinor: sum(own, "realisedMinor"),
    expectedMinor: sum(own, "expectedMinor"),
    atRiskMinor: sum(own, "atRiskMinor"),
  });
  expect(body.all.value).toEqual(valueOf(scores));
  expect(body.all.value.atRiskMinor).toBeGreaterThan(0);
  for (const by of ["tier", "lifecycle"] as const) {
    const plain = Map.groupBy(scores, (score) => score[by]);
    expect(body.by[by].groups.length).toBe(plain.size);
    for (const { name, customers, value } of body.by[by].groups) {
      const own = plain.get(name) ?? [];
      expect({ name, customers, value }).toEqual({ name, customers: own.length, value: valueOf(own) });
    }
  }
  const causeOf = ({ reasons }: Score): string =>
    reasons.filter(({ logit }) => logit > 0).toSorted((a, b) => b.logit - a.logit)[0]?.code ?? "";
  const causes = Map.groupBy(
    scores.filter(({ value }) => value !== null),
    causeOf,
  );
  const { churnCauses } = body;
  for (const { code, customers, atRiskMinor } of [...churnCauses.causes, { code: "", ...churnCauses.none }]) {
    const own = causes.get(code) ?? [];
    expect({ code, customers, atRiskMinor }).toEqual({
      code,
      customers: own.length,
      atRiskMinor: sum(own, "atRiskMinor"),
    });
  }
  expect(churnCauses.causes.length).toBe(causes.size - Number(causes.has("")));
}

/** The tier changes of the log, of those who are still there: by month, from and to. */
async function plainMoves(rig: Rig, without: ReadonlySet<string>): Promise<BaseBody["tierMoves"]> {
  const topic = rig.contracts.topics.tierChanges;
  const slices = await rig.log.fetch(
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })),
    { bytesMaxPerPartition: 10_000_000, waitMsMax: 0, signal: new AbortController().signal },
  );
  const counts = new Map<string, number>();
  for (const { value } of slices.flatMap(({ records }) => records)) {
    const { customerId, asOf, from, to } = rig.contracts.codecs.tierChanges.decode(value ?? new Uint8Array());
    if (without.has(customerId)) continue;
    const key = `${new Date(asOf).toISOString().slice(0, 7)} ${TIERS.indexOf(from)} ${TIERS.indexOf(to)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const nameOf = (tier: string | undefined): string | null =>
    tier === "1" ? null : (TIERS[Number(tier)] ?? "").toLowerCase();
  return [...counts]
    .toSorted(([one], [other]) =>
      one.slice(0, 7) === other.slice(0, 7) ? (one < other ? -1 : 1) : one < other ? 1 : -1,
    )
    .map(([key, customers]) => {
      const [month = "", from, to] = key.split(" ");
      return { month, from: nameOf(from), to: nameOf(to), customers };
    });
}

const TIERS: readonly string[] = ["UNKNOWN", "NONE", "OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"];

interface Score {
  readonly value: Readonly<Record<"realisedMinor" | "expectedMinor" | "atRiskMinor", number>> | null;
  readonly tier: string | null;
  readonly lifecycle: string;
  readonly reasons: readonly { readonly code: string; readonly logit: number }[];
}

/** What views of the directory hold once they have read all there is. */
async function withViews(rig: Rig, directory: string, customers: number) {
  const views = await viewsOf(rig, directory);
  await untilAsync(async () => views.states.ready && views.counts().customers === customers, 30_000);
  const { totals, groups, life, groupLife, moves, causes, categories, complaintCategories, arms, revenue } =
    views.figures();
  await views.stop();
  const byName = (names: typeof causes) =>
    [...names.entries()]
      .map(([name, sums]) => [name, [...sums]] as const)
      // Of which nothing is left it does not matter whether the name is kept.
      .filter(([, sums]) => sums.some((sum) => sum !== 0))
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    totals: [...totals],
    groups: { tier: byName(groups.tier), segment: byName(groups.segment), industry: byName(groups.industry) },
    life: life.save(),
    groupLife: [groupLife.segment, groupLife.industry].map((sums) => {
      const { names, other } = sums.save();
      return { names: names.toSorted(([one], [an]) => (one < an ? -1 : 1)), other };
    }),
    moves: moves.save(),
    names: [causes, categories, complaintCategories, arms].map(byName),
    revenue: revenue.save(),
  };
}
