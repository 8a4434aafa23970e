import { expect, test } from "vitest";
import { evaluateScorecard } from "./evaluate-scorecard.ts";
import type { Scorecard } from "./scorecard.ts";

const CARD: Scorecard = {
  name: "own",
  version: 3,
  doc: "A card for tests.",
  completenessMin: 0.5,
  dimensions: [
    {
      name: "value",
      weight: 3,
      items: [
        { indicator: "revenue", weight: 1, bins: { kind: "quantile", points: [0, 50, 100] } },
        { indicator: "recency", weight: 1, bins: { kind: "fixed", cuts: [30, 90], points: [100, 50, 0] } },
      ],
    },
    {
      name: "trust",
      weight: 1,
      items: [{ indicator: "trust", weight: 1, bins: { kind: "fixed", cuts: [0.5], points: [0, 100] } }],
    },
  ],
  grades: [
    { grade: "trusted", when: [{ dimension: "trust", from: 100 }] },
    { grade: "good", from: 60 },
    { grade: "middling", when: [{ dimension: "value", from: 20, below: 60 }] },
    { grade: "poor" },
  ],
};
const base = {
  asOf: 0,
  revenueMajor: 1,
  abcFromMajor: { a: 1, b: 0 },
  categories: 1,
  quantiles: { revenue: [100, 900] },
};

test("a value on a cut is in the bin above it", () => {
  const points = (recency: number) => evaluateScorecard(CARD, { recency }, base).dimensions[0]?.items[1]?.points;
  expect([29.999, 30, 90].map(points)).toEqual([100, 50, 0]);
  expect(points(30 - 1e-9)).toBe(50);
  const quantile = (revenue: number) => evaluateScorecard(CARD, { revenue }, base).dimensions[0]?.items[0]?.points;
  expect([99, 100, 900].map(quantile)).toEqual([0, 50, 100]);
});

test("what is not known is left out, the rest weighs the more, and completeness says so", () => {
  const result = evaluateScorecard(CARD, { revenue: null, recency: 10 }, base);
  expect(result).toMatchObject({ scorecard: "own", version: 3, points: 100, completeness: 0.375, grade: null });
  expect(result.dimensions.map(({ points, completeness }) => [points, completeness])).toEqual([
    [100, 0.5],
    [null, 0],
  ]);
  expect(evaluateScorecard(CARD, {}, base)).toMatchObject({ points: null, completeness: 0, grade: null });
});

test("quantile bins are not known without the base, nor with quantiles of another number", () => {
  expect(evaluateScorecard(CARD, { revenue: 500 }, undefined).points).toBeNull();
  expect(evaluateScorecard(CARD, { revenue: 500 }, { ...base, quantiles: { revenue: [1, 2, 3] } }).points).toBeNull();
});

test("the first grade that holds is the grade, and a condition on what is not known does not hold", () => {
  const grade = (values: Record<string, number>) => evaluateScorecard(CARD, values, base).grade;
  expect(grade({ revenue: 1, recency: 100, trust: 1 })).toBe("trusted");
  expect(grade({ revenue: 1_000, recency: 1 })).toBe("good");
  expect(grade({ revenue: 1, recency: 50, trust: 0 })).toBe("middling");
  expect(grade({ revenue: 1, recency: 100, trust: 0 })).toBe("poor");
});
