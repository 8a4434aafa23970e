import { describe, expect, test } from "vitest";
import type { IndicatorValues } from "../indicators/catalogue.ts";
import { evaluateScorecard } from "./evaluate-scorecard.ts";
import { PRESETS } from "./presets.ts";

/** Quintiles of a made-up base, money in minor units. */
const base = {
  asOf: 0,
  revenueMajor: 1e6,
  abcFromMajor: { a: 5_000, b: 500 },
  categories: 10,
  quantiles: {
    recency: [10, 30, 90, 180],
    frequency: [2, 4, 8, 16],
    revenue: [1_000, 5_000, 20_000, 100_000],
    purchaseCycle: [7, 30, 60, 120],
    averageOrderValue: [500, 2_000, 5_000, 10_000],
    profit365: [0, 1_000, 10_000, 50_000],
    revenue365: [1_000, 10_000, 100_000, 1_000_000],
    margin365: [100, 1_000, 10_000, 100_000],
    balance: [100, 1_000, 5_000, 20_000],
    clv: [100, 1_000, 10_000, 100_000],
  },
};

/** Worked by hand: values, points, completeness, grade, and the points of the dimensions where the sum is not plain. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  // Second, fourth and second quintile from the best of recency and the worst of the others: (80 + 80 + 40)/3.
  rfm: [{ recency: 12, frequency: 9, revenue: 3_000 }, 200 / 3, 1, "general-value"],
  abc: [{ abcClass: 2 }, 50, 1, "B"],
  crvp: [{ purchaseCycle: 20, averageOrderValue: 6_000 }, 80, 1, "platinum"],
  // contribution 80 (two thirds known), activity (2·55 + 80)/3, satisfaction (2·80 + 100)/3 (three quarters), assets (3·80 + 55)/4,
  // loyalty (40 + 50)/2, risk 75 (two thirds), potential unknown:
  // (30·80 + 15·190/3 + 10·260/3 + 20·73.75 + 10·45 + 10·75)/95.
  "bank-personal": [
    {
      profit365: 15_000,
      activity365: 3,
      recency: 45,
      csat: 4.2,
      openComplaints: 0,
      balance: 7_000,
      fundVariation: 0.3,
      relationshipDays: 400,
      products: 2,
      churn: 0.35,
    },
    (2_400 + 950 + 2_600 / 3 + 1_475 + 450 + 750) / 95,
    (20 + 15 + 7.5 + 20 + 10 + 20 / 3) / 100,
    "preferred",
  ],
  // contribution (2·80 + 2·80 + 75)/5 = 79, loyalty (100 + 100 + 75 + 70)/4 = 86.25, support (2·75 + 60)/3 = 70 (three quarters known),
  // credit (2·75 + 70 + 75)/4 = 73.75, potential (70 + 100)/2 = 85 (two thirds).
  supplier: [
    {
      revenue365: 120_000,
      margin365: 30_000,
      marginRate365: 0.25,
      repeatRate: 0.8,
      renewalRate: 0.9,
      relationshipDays: 800,
      complaintRate: 0.02,
      "custom.support": 3,
      referrals: 1,
      punctuality: 0.9,
      daysLate: 2,
      defaultRisk: 2,
      predictedGrowth: 0.1,
      projectSize: 4,
    },
    79.2125,
    0.9125,
    "gold",
  ],
  // (3·90 + 2·50 + 2·30)/7; weights of 7 in 12 known.
  "perceived-value": [
    { perceivedFunctional: 0.9, perceivedEmotional: 0.5, perceivedPrice: 0.3 },
    430 / 7,
    7 / 12,
    "medium",
  ],
  // (11·75 + 32·50 + 22·25 + 19·100)/84.
  servqual: [
    { servqualTangibles: 0.05, servqualReliability: -0.05, servqualResponsiveness: -0.2, servqualAssurance: 0.2 },
    4_875 / 84,
    0.84,
    "meets",
  ],
  // csi 100, nps (2·60 + 50)/3, complaints (50 + 40)/2, resolution (2·75 + 80 + 20)/4 (four fifths known).
  satisfaction: [
    {
      csat: 4.5,
      nps: 8,
      npsClass: 0,
      complaintRate: 0.05,
      openComplaints: 1,
      resolutionRate: 0.8,
      resolutionDays: 2,
      responseHours: 30,
    },
    (4_000 + (25 * 170) / 3 + 675 + 1_250) / 100,
    0.96,
    "satisfied",
  ],
  // solvency (75 + 50)/2, payment 100, use unknown: (40·62.5 + 45·100)/85.
  credit: [
    { debtRatio: 0.5, solvency: 1.2, punctuality: 0.96, daysLate: 0, overdueAmount: 0 },
    7_000 / 85,
    0.85,
    "open-terms",
  ],
  // strategy 75 (two thirds known), value (2·80 + 60)/3, reach unknown: (40·75 + 45·220/3)/85.
  importance: [{ strategicImportance: 0.7, clv: 50_000, abcClass: 2 }, 6_300 / 85, (80 / 3 + 45) / 100, "important"],
};

type Example = readonly [values: IndicatorValues, points: number, completeness: number, grade: string];

describe("each preset gives what was worked out by hand", () => {
  test.each([...PRESETS.values()])("$name", (preset) => {
    const example = EXAMPLES[preset.name];
    if (example === undefined) throw new Error(`${preset.name} has no example`);
    const [values, points, completeness, grade] = example;
    const result = evaluateScorecard(preset, values, base);
    expect(result.points).toBeCloseTo(points, 10);
    expect(result.completeness).toBeCloseTo(completeness, 12);
    expect(result.grade).toBe(grade);
  });
});

test("the classes of rfm and crvp divide what they judge", () => {
  const grade = (name: string, values: IndicatorValues): string | null => {
    const preset = PRESETS.get(name);
    return preset === undefined ? null : evaluateScorecard(preset, values, base).grade;
  };
  const rfm = (recency: number, frequency: number, revenue: number) => grade("rfm", { recency, frequency, revenue });
  expect([
    rfm(1, 20, 200_000),
    rfm(1, 1, 200_000),
    rfm(200, 20, 200_000),
    rfm(200, 1, 200_000),
    rfm(1, 20, 1),
    rfm(1, 1, 1),
    rfm(200, 20, 1),
    rfm(200, 1, 1),
  ]).toEqual([
    "important-value",
    "important-development",
    "important-retention",
    "important-win-back",
    "general-value",
    "general-development",
    "general-retention",
    "general-win-back",
  ]);
  const crvp = (purchaseCycle: number | null, averageOrderValue: number) =>
    grade("crvp", { purchaseCycle, averageOrderValue });
  expect([crvp(5, 20_000), crvp(40, 20_000), crvp(200, 20_000), crvp(5, 100), crvp(200, 100), crvp(null, 100)]).toEqual(
    ["platinum", "gold", "silver", "development", "optimisation", null],
  );
});
