import { readFileSync } from "node:fs";
import { emptyProfile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { DAY_MS } from "../day-calendar.ts";
import { defaultArtefact } from "../default-artefact.ts";
import { createModel } from "../model.ts";
import { SAMPLE_START, sampleProfile } from "../sample-profile.ts";
import { score } from "../score.ts";
import { PRESETS } from "../scorecards/presets.ts";
import { CATALOGUE, indicatorsOf } from "./catalogue.ts";

const model = createModel(defaultArtefact());
const asOf = SAMPLE_START + 400 * DAY_MS;

describe("the catalogue", () => {
  test("has one indicator a name, each with a sentence that says what it is", () => {
    const names = CATALOGUE.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, doc, needs, family } of CATALOGUE) {
      expect(name).toMatch(/^[a-z][A-Za-z]*(90|365)?$/);
      expect(doc).toMatch(/^[A-Z].*\.$/);
      expect(needs.length > 0).toBe(family !== "data");
    }
  });

  test("stands in the documentation, sentence by sentence, and so does every preset", () => {
    const guide = readFileSync(new URL("../../../../docs/indicators.md", import.meta.url), "utf8");
    const rows = CATALOGUE.filter(({ name }) => !CATALOGUE.some((other) => `${other.name}365` === name));
    expect(
      rows.filter(
        ({ name, unit, better }) => !guide.includes(`| \`${name}\``) || !guide.includes(`| ${unit} | ${better} |`),
      ),
    ).toEqual([]);
    expect(rows.filter(({ doc }) => !guide.includes(`| ${doc} |`)).map(({ name }) => name)).toEqual([]);
    expect([...PRESETS.keys()].filter((name) => !guide.includes(`| \`${name}\` |`))).toEqual([]);
    // What it names as ours is ours.
    const named = [...guide.matchAll(/`([a-z][A-Za-z]+(?:90|365)?)`/g)].map(([, name = ""]) => name);
    const known = new Set([...CATALOGUE.map(({ name }) => name), ...PRESETS.keys(), ...NAMED_OTHERWISE]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test("knows nothing of a customer of whom nothing came", () => {
    const { completeness, ...values } = indicatorsOf(emptyProfile("c1"), asOf, model);
    expect(Object.entries(values).filter(([, value]) => value !== null)).toEqual([]);
    expect(completeness).toBe(0);
  });

  test("computes a buyer's money and days, by hand", () => {
    const purchases = [
      { day: 0, amountMinor: 1_000 },
      { day: 100, amountMinor: 3_000 },
      { day: 300, amountMinor: 2_000 },
    ];
    const values = indicatorsOf(sampleProfile({ purchases, visits: [1, 2, 300, 301] }, model), asOf, model);
    expect(values).toMatchObject({
      revenue: 6_000,
      revenue365: 5_000,
      margin: 1_800,
      orders: 3,
      orders365: 2,
      averageOrderValue: 2_000,
      frequency365: 2,
      tenure: 399,
      recency: 99,
      purchaseCycle: 150,
      purchaseCycle365: 200,
      conversion: 3 / 4,
      repeatRate: 2 / 3,
      openComplaints: 0,
      complaintRate: 0,
      purchasingPower: 3_000,
      spendGrowth90: -1,
    });
    const { churn, value } = score(sampleProfile({ purchases, visits: [1, 2, 300, 301] }, model), asOf, model);
    expect(values).toMatchObject({ churn, expectedValue: value?.expectedMinor });
  });

  test("leaves what a prospect cannot have unknown, and says what is known", () => {
    const values = indicatorsOf(sampleProfile({ visits: [0, 1] }, model), asOf, model);
    expect(values).toMatchObject({ revenue: null, orders: null, churn: null, clv: null, recency: null, conversion: 0 });
    expect(values["engagement"]).toBeGreaterThan(0);
  });
});

/** Words of code in the guide that are no indicators: functions, fields of the artefact and the profile, grades. */
const NAMED_OTHERWISE = [
  ...Object.keys(emptyProfile("c1")),
  "evaluateScorecard",
  "parseScorecard",
  "completenessMin",
  "base",
  "referral",
  "fixed",
  "quantile",
  "null",
  // Of scorecards that give tiers.
  "explain",
  "scorecards",
  "grade",
  "fromPoints",
  "band",
  "dwellDays",
  "steady",
  ...[...PRESETS.values()].flatMap(({ grades }) => grades.map(({ grade }) => grade)),
];
