import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fitLogisticRegression,
  type LogisticRegressionData,
  logisticRegressionLogit,
  type LogisticRegressionOptions,
} from "./logistic-regression.ts";

interface Fixtures {
  readonly logistic: {
    readonly columns: readonly (readonly number[])[];
    readonly outcomes: readonly number[];
    readonly weights: readonly number[];
    readonly offset: readonly number[];
    readonly cases: readonly {
      readonly name: string;
      readonly intercept: boolean;
      readonly l2: number;
      readonly weighted: boolean;
      readonly shifted: boolean;
      readonly beta: readonly number[];
      readonly standardErrors: readonly number[];
      readonly logLikelihood: number;
    }[];
  };
}

const file = readFileSync(new URL("../fixtures/regression.json", import.meta.url), "utf8");
const { logistic: fixture } = JSON.parse(file) as Fixtures;
const { columns, outcomes } = fixture;

describe("against Newton's method in 40 digits, statsmodels and scikit-learn", () => {
  test.each(fixture.cases)("$name: coefficients, standard errors and log-likelihood within 1e-9", (expected) => {
    const data = {
      columns,
      outcomes,
      ...(expected.weighted ? { weights: fixture.weights } : {}),
      ...(expected.shifted ? { offset: fixture.offset } : {}),
    };
    const fit = fitLogisticRegression(data, { intercept: expected.intercept, l2: expected.l2 });
    expect(fit.converged).toBe(true);
    expect(fit.warnings).toEqual([]);
    const first = expected.intercept ? [] : [0];
    expectNear([fit.intercept, ...fit.coefficients], [...first, ...expected.beta]);
    expectNear(
      [fit.standardErrors.intercept, ...fit.standardErrors.coefficients],
      [...first, ...expected.standardErrors],
    );
    expectNear([fit.logLikelihood], [expected.logLikelihood]);
  });
});

test("without columns the intercept is the logit of the share, with the error 1/√(n p q)", () => {
  const fit = fitLogisticRegression({ columns: [], outcomes: [1, 1, 1, 0] });
  expect(fit.intercept).toBeCloseTo(Math.log(3), 12);
  expect(fit.standardErrors.intercept).toBeCloseTo(1 / Math.sqrt(4 * 0.75 * 0.25), 12);
  expect(logisticRegressionLogit(fit, [])).toBe(fit.intercept);
});

test("a row's logit is the sum of its terms; a row of another width has none", () => {
  const fit = fitLogisticRegression({ columns, outcomes });
  const [a = NaN, b = NaN, c = NaN] = fit.coefficients;
  expect(logisticRegressionLogit(fit, [1, 2, 3], 0.5)).toBeCloseTo(0.5 + fit.intercept + a + 2 * b + 3 * c, 12);
  expect(logisticRegressionLogit(fit, [1, 2])).toBeNaN();
  expect(logisticRegressionLogit(fit, [1, 2, 3, 4])).toBeNaN();
});

describe("outcomes that a column parts", () => {
  const complete = { columns: [[1, 2, 3, 4, 5, 6]], outcomes: [0, 0, 0, 1, 1, 1] };
  const quasi = { columns: [[1, 2, 3, 3, 5, 6]], outcomes: [0, 0, 0, 1, 1, 1] };
  const rareMark = {
    columns: [
      [5, 1, 4, 2, 3, 6, 7, 8],
      [0, 0, 0, 0, 0, 0, 1, 1],
    ],
    outcomes: [0, 1, 1, 0, 1, 0, 1, 1],
  };

  test.each([
    ["completely", complete, "the intercept, column 0"],
    ["but for a tie", quasi, "the intercept, column 0"],
    ["where a rare mark is set", rareMark, "by column 1"],
    ["and there is no intercept", { columns: [[1, 2, 3]], outcomes: [1, 1, 1] }, "by column 0"],
  ])("%s are refused without a penalty", (name, data, named) => {
    const options = { intercept: !name.includes("no intercept") };
    expectThrow(() => fitLogisticRegression(data, options), "Unfittable", "SEPARATED", named);
  });

  test.each([
    ["completely", complete, 1e-3],
    ["but for a tie", quasi, 1e-8],
    ["where a rare mark is set", rareMark, 0.1],
  ])("%s give a finite answer and a warning with one", (_, data, l2) => {
    const fit = fitLogisticRegression(data, { l2 });
    expect(fit.converged).toBe(true);
    expect(fit.warnings.map(({ code }) => code)).toEqual(["SEPARATED"]);
    for (const value of [fit.intercept, ...fit.coefficients, ...fit.standardErrors.coefficients]) {
      expect(value).toSatisfy(Number.isFinite);
    }
  });

  test("are told from such that overlap in few small values", () => {
    // Two huge values part their rows; the small ones decide, with odds of 3 to 1.
    const column = [-1e7, -1, 1, -1, 1, -1, 1, 1e7, -1, 1];
    const fit = fitLogisticRegression({ columns: [column], outcomes: [0, 0, 1, 0, 1, 1, 0, 1, 0, 1] });
    expect(fit.converged).toBe(true);
    expect(fit.coefficients[0]).toBeCloseTo(Math.log(3), 9);
  });

  test("are not parted where a share in between holds on both sides", () => {
    const fit = fitLogisticRegression({ columns: [[0, 1]], outcomes: [0.1, 0.9] });
    expect(fit.warnings).toEqual([]);
    expectNear([fit.intercept, fit.coefficients[0] ?? NaN], [-Math.log(9), 2 * Math.log(9)]);
  });

  test("with a free intercept one outcome has no answer, whatever the penalty", () => {
    const data = { columns: [[1, 2, 3]], outcomes: [1, 1, 1] };
    expectThrow(() => fitLogisticRegression(data, { l2: 1 }), "Unfittable", "ONE_OUTCOME", "every outcome is 1");
  });
});

test("columns that depend on each other are refused without a penalty and shared with one", () => {
  const data = {
    columns: [
      [1, 2, 3, 4],
      [2, 4, 6, 8],
    ],
    outcomes: [0, 1, 0, 1],
  };
  expectThrow(() => fitLogisticRegression(data), "Unfittable", "SINGULAR", "combination of others");
  const [a = NaN, b = NaN] = fitLogisticRegression(data, { l2: 0.1 }).coefficients;
  expect(b).toBeCloseTo(2 * a, 12);
});

test.each([
  ["EMPTY", { columns: [], outcomes: [] }, {}],
  ["EMPTY", { columns: [], outcomes: [0, 1] }, { intercept: false }],
  ["LENGTHS_DIFFER", { columns: [[1, 2, 3]], outcomes: [0, 1] }, {}],
  ["LENGTHS_DIFFER", { columns: [[1, 2]], outcomes: [0, 1], weights: [1] }, {}],
  ["LENGTHS_DIFFER", { columns: [[1, 2]], outcomes: [0, 1], offset: [1] }, {}],
  ["NOT_FINITE", { columns: [[1, NaN]], outcomes: [0, 1] }, {}],
  ["NOT_FINITE", { columns: [[1, Infinity]], outcomes: [0, 1] }, {}],
  ["NOT_FINITE", { columns: [[1, 2]], outcomes: [0, NaN] }, {}],
  ["NOT_FINITE", { columns: [[1, 2]], outcomes: [0, 1], offset: [0, -Infinity] }, {}],
  ["NOT_FINITE", { columns: [[1, 2]], outcomes: [0, 1], weights: [0, NaN] }, {}],
  ["NOT_PROBABILITY", { columns: [[1, 2]], outcomes: [0, 2] }, {}],
  ["NEGATIVE", { columns: [[1, 2]], outcomes: [0, 1], weights: [1, -1] }, {}],
  ["OUT_OF_RANGE", { columns: [[1, 2]], outcomes: [0, 1], weights: [0, 0] }, {}],
  ["OUT_OF_RANGE", { columns: [[1, 2]], outcomes: [0, 1] }, { l2: -1 }],
  ["OUT_OF_RANGE", { columns: [[1, 2]], outcomes: [0, 1] }, { l2: NaN }],
] as [string, LogisticRegressionData, LogisticRegressionOptions][])("%s: %j is refused", (code, data, options) => {
  expectThrow(() => fitLogisticRegression(data, options), "InvalidInput", code, "");
});

/** Rows that overlap: both outcomes at the same place. */
const rows = fc
  .array(
    fc.record({
      a: fc.integer({ min: -20, max: 20 }),
      b: fc.integer({ min: -20, max: 20 }),
      outcome: fc.constantFrom(0, 1),
      weight: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((some) => [
    ...some,
    ...[
      [3, 1],
      [-3, 2],
      [0, -4],
    ].flatMap(([a = 0, b = 0]) => [0, 1].map((outcome) => ({ a, b, outcome, weight: 1 }))),
  ]);

const dataOf = (some: readonly { a: number; b: number; outcome: number }[]): LogisticRegressionData => ({
  columns: [some.map(({ a }) => a), some.map(({ b }) => b)],
  outcomes: some.map(({ outcome }) => outcome),
});

const answer = (data: LogisticRegressionData, options?: LogisticRegressionOptions): number[] => {
  const fit = fitLogisticRegression(data, options);
  return [fit.intercept, ...fit.coefficients, fit.standardErrors.intercept, ...fit.standardErrors.coefficients];
};

test("a weight counts a row that many times", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(0, 0.5), (some, l2) => {
      const weighted = { ...dataOf(some), weights: some.map(({ weight }) => weight) };
      const repeated = dataOf(some.flatMap((row) => Array.from({ length: row.weight }, () => row)));
      expectNear(answer(weighted, { l2 }), answer(repeated, { l2 }), 1e-8);
    }),
  );
});

test("the order of the rows changes nothing", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(0, 0.5), (some, l2) => {
      expectNear(answer(dataOf(some), { l2 }), answer(dataOf(some.toReversed()), { l2 }), 1e-8);
    }),
  );
});

test("as the penalty goes, the answer becomes the one without", () => {
  fc.assert(
    fc.property(rows, (some) => {
      expectNear(answer(dataOf(some), { l2: 1e-10 }), answer(dataOf(some)), 1e-6);
    }),
  );
});

test("at the fit the residuals are orthogonal to each column, but for the penalty", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(0, 2), (some, l2) => {
      const data = dataOf(some);
      const fit = fitLogisticRegression(data, { l2 });
      const residuals = some.map(
        ({ a, b, outcome }) => outcome - 1 / (1 + Math.exp(-logisticRegressionLogit(fit, [a, b]))),
      );
      expect(Math.abs(residuals.reduce((sum, residual) => sum + residual, 0))).toBeLessThan(1e-9);
      for (const [j, column] of data.columns.entries()) {
        const score = residuals.reduce((sum, residual, i) => sum + residual * (column[i] ?? NaN), 0);
        expect(Math.abs(score - l2 * (fit.coefficients[j] ?? NaN))).toBeLessThan(1e-8);
      }
    }),
  );
});

function expectNear(actual: readonly number[], expected: readonly number[], tolerance = 1e-9): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) {
    const wanted = expected[i] ?? NaN;
    expect(Math.abs(value - wanted), `${value} for ${wanted}`).toBeLessThanOrEqual(
      tolerance * Math.max(Math.abs(wanted), tolerance === 1e-9 ? 0 : 1),
    );
  }
}

function expectThrow(run: () => unknown, name: string, code: string, words: string): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name, code, message: expect.stringContaining(words) });
}
