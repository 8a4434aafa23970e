import { readFileSync } from "node:fs";
import { emptyProfile, type Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { applyEvent } from "../apply-event.ts";
import type { Artefact } from "../artefact.ts";
import { HAZARD_TERMS } from "../hazard/hazard.ts";
import { judge } from "../judge.ts";
import { createModel, type Model } from "../model.ts";
import { sampleEvent } from "../sample-event.ts";
import type { ScoreBody } from "../score.ts";
import { evaluateScorecard } from "../scorecards/evaluate-scorecard.ts";
import { PRESETS } from "../scorecards/presets.ts";
import { CATALOGUE, indicatorsOf } from "./catalogue.ts";

/** Made by hand; what is expected of them by `golden.py` there, which shares nothing with this code. */
const FIXTURES = new URL("../../../../test/fixtures/indicators/", import.meta.url);
const customers = fixture("customers.json") as readonly Customer[];
const expected = fixture("expected.json") as readonly Expected[];
const artefact = fixture("artefact.json") as Artefact;
const rows = expected.map((row, i) => ({ ...row, customer: customers[i] as Customer }));

describe("the golden table", () => {
  test("has ninety-nine customers, and every indicator is known of one of them", () => {
    expect(customers.map(({ note }) => note)).toEqual(expected.map(({ note }) => note));
    expect(customers.length).toBe(99);
    const unknown = CATALOGUE.filter(({ name }) => expected.every(({ indicators }) => indicators[name] === null));
    expect(unknown).toEqual([]);
  });

  test("has every term of the hazard at two strengths or more, and what churn starts from", () => {
    const strengths = new Map<string, Set<number>>();
    for (const { code, logit } of expected.flatMap(({ looks }) => looks.flatMap(({ reasons }) => reasons))) {
      strengths.set(code, (strengths.get(code) ?? new Set()).add(logit));
    }
    expect(HAZARD_TERMS.filter(({ code }) => (strengths.get(code)?.size ?? 0) < 2)).toEqual([]);
    for (const start of ["SILENCE", "CONTRACT_RENEWAL", "CONTRACT_LAPSED"]) expect(strengths.has(start)).toBe(true);
    expect(new Set(expected.flatMap(({ looks }) => looks.map(({ tier }) => tier))).size).toBe(6);
  });

  test.each(rows)("$note: every indicator and preset as computed apart", ({ customer, indicators, scorecards }) => {
    const model = modelOf(customer);
    const profile = emptyProfile(customer.events[0]?.customerId ?? "");
    apply(profile, customer.events, model);
    const values = indicatorsOf(profile, Date.parse(customer.asOf), model);
    expectNear({ ...values }, indicators);
    for (const [name, preset] of PRESETS) {
      const { points, grade, completeness } = evaluateScorecard(preset, values, model.artefact.base);
      expectNear({ points, grade, completeness }, scorecards[name] ?? {});
    }
  });

  test.each(rows)(
    "$note: churn, each reason with its evidence, value and tier as computed apart",
    ({ customer, looks }) => {
      const model = modelOf(customer);
      const profile = emptyProfile(customer.events[0]?.customerId ?? "");
      let come: readonly GoldenEvent[] = [];
      for (const [i, text] of [...(customer.looks ?? []), customer.asOf].entries()) {
        const at = Date.parse(text);
        const before = come;
        come = customer.events.filter(({ occurredAt }) => Date.parse(occurredAt) <= at);
        apply(
          profile,
          come.filter((event) => !before.includes(event)),
          model,
        );
        expectLook(judge(profile, at, model).body, looks[i] as Look);
      }
    },
  );
});

function modelOf({ artefact: changes = {} }: Customer): Model {
  return createModel(merged(artefact, changes) as Artefact);
}

/** Objects are merged, all else is replaced. */
function merged(one: object, other: object): object {
  const isObject = (value: unknown): value is object =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const before = new Map<string, unknown>(Object.entries(one));
  const changed = Object.entries(other).map(([name, value]: [string, unknown]) => {
    const own = before.get(name);
    return [name, isObject(own) && isObject(value) ? merged(own, value) : value] as const;
  });
  return { ...one, ...Object.fromEntries(changed) };
}

function apply(profile: Profile, events: readonly GoldenEvent[], model: Model): void {
  for (const event of events) {
    const outcome = applyEvent(profile, sampleEvent(event), { referenceAt: null, model, consentDefault: "granted" });
    expect(outcome).toMatch(/applied|duplicate/);
  }
}

function expectLook(body: ScoreBody, look: Look): void {
  const { churn, churnAfterLastPurchase, tier, value } = body;
  expectNear(
    { churn, churnAfterLastPurchase, tier, hasValue: String(value !== null) },
    {
      churn: look.churn,
      churnAfterLastPurchase: look.churnAfterLastPurchase,
      tier: look.tier,
      hasValue: String(look.value !== null),
    },
  );
  if (value !== null && look.value !== null) {
    const { realisedMinor, expectedMinor, atRiskMinor } = value;
    expect({ realisedMinor, expectedMinor, atRiskMinor }).toEqual(look.value);
  }
  const byCode = (a: { readonly code: string }, b: { readonly code: string }): number => (a.code < b.code ? -1 : 1);
  const wanted = look.reasons.toSorted(byCode);
  const found = body.reasons.toSorted(byCode);
  expect(found.map(({ code }) => code)).toEqual(wanted.map(({ code }) => code));
  for (const [i, reason] of found.entries()) {
    expectNear({ logit: reason.logit, ...reason.params }, { logit: wanted[i]?.logit ?? null, ...wanted[i]?.params });
  }
  if (look.logit === null) return;
  const sum = body.reasons.reduce((total, { logit }) => total + logit, 0);
  // Terms of either sign cancel: the sum is exact to 1e-9 of the largest.
  const largest = Math.max(...body.reasons.map(({ logit }) => Math.abs(logit)));
  expect(Math.abs(sum - look.logit)).toBeLessThanOrEqual(1e-9 * largest);
}

type GoldenEvent = Parameters<typeof sampleEvent>[0] & { readonly customerId: string; readonly occurredAt: string };

interface Customer {
  readonly note: string;
  readonly asOf: string;
  readonly events: readonly GoldenEvent[];
  /** What of the artefact is another for this customer. */
  readonly artefact?: object;
  /** When else the customer is judged, before asOf: a tier depends on the ones before it. */
  readonly looks?: readonly string[];
}

type Values = Readonly<Record<string, number | string | null>>;

interface Expected {
  readonly note: string;
  readonly indicators: Values;
  readonly scorecards: Readonly<Record<string, Values>>;
  readonly looks: readonly Look[];
}

interface Look {
  readonly churn: number | null;
  readonly logit: number | null;
  readonly churnAfterLastPurchase: number | null;
  readonly value: {
    readonly realisedMinor: number;
    readonly expectedMinor: number;
    readonly atRiskMinor: number;
  } | null;
  readonly tier: string;
  readonly reasons: readonly { readonly code: string; readonly logit: number; readonly params: Values }[];
}

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
}

/** Numbers to 1e-9 of their size. */
function expectNear(actual: Values, wanted: Values): void {
  const differing = [...new Set([...Object.keys(actual), ...Object.keys(wanted)])].filter((name) => {
    const one = actual[name];
    const other = wanted[name];
    if (typeof one !== "number" || typeof other !== "number") return one !== other;
    return !(Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other)));
  });
  const only = (values: Values): Values => Object.fromEntries(differing.map((name) => [name, values[name] ?? null]));
  expect(only(actual)).toEqual(only(wanted));
}
