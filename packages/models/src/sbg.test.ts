import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fitSbg } from "./fit-sbg.ts";
import {
  type SbgParameters,
  sbgChurn,
  sbgChurnWithin,
  sbgLogLikelihood,
  sbgResidualLifetime,
  sbgRetention,
  sbgSurvival,
} from "./sbg.ts";

interface Fixtures {
  readonly contracts: readonly (SbgParameters & {
    readonly periods: readonly {
      readonly t: number;
      readonly churn: number;
      readonly survival: number;
      readonly residual: readonly [number, number];
    }[];
  })[];
}

const fixtures = JSON.parse(
  readFileSync(new URL("../fixtures/purchase-models.json", import.meta.url), "utf8"),
) as Fixtures;
const REGULAR = { alpha: 0.704, beta: 1.182 };

describe.each(fixtures.contracts)(
  "sBG at α $alpha, β $beta equals the fixture within 1e-9",
  ({ alpha, beta, periods }) => {
    test.each(periods)("period $t", ({ t, churn, survival, residual }) => {
      expectNear(sbgChurn({ alpha, beta }, t), churn);
      expectNear(sbgSurvival({ alpha, beta }, t), survival);
      expectNear(sbgResidualLifetime({ alpha, beta }, t, 0.1), residual[0]);
      expectNear(sbgResidualLifetime({ alpha, beta }, t, 0.001), residual[1]);
    });
  },
);

test("churn follows the published recursion, and churn, survival and retention each other", () => {
  const { alpha, beta } = REGULAR;
  expectNear(sbgChurn(REGULAR, 1), alpha / (alpha + beta));
  for (let t = 2; t < 30; t++) {
    expectNear(sbgChurn(REGULAR, t), (sbgChurn(REGULAR, t - 1) * (beta + t - 2)) / (alpha + beta + t - 1));
    expectNear(sbgSurvival(REGULAR, t), sbgSurvival(REGULAR, t - 1) * sbgRetention(REGULAR, t));
    expectNear(sbgSurvival(REGULAR, t), sbgSurvival(REGULAR, t - 1) - sbgChurn(REGULAR, t));
    expectNear(sbgChurnWithin(REGULAR, t, 5), 1 - sbgSurvival(REGULAR, t + 5) / sbgSurvival(REGULAR, t));
  }
  expect(sbgSurvival(REGULAR, 0)).toBe(1);
  expect(sbgChurnWithin(REGULAR, 3, 0)).toBeCloseTo(0, 15);
});

test("residual lifetime is the sum of discounted survival; undiscounted it may have no end", () => {
  let sum = 0;
  for (let t = 3; t < 600; t++) sum += (sbgSurvival(REGULAR, t) / sbgSurvival(REGULAR, 2)) * 1.1 ** (3 - t);
  expectNear(sbgResidualLifetime(REGULAR, 3, 0.1), sum);
  expect(sbgResidualLifetime(REGULAR, 3, 0)).toBe(Infinity);
  // E[(1 − θ)/θ] of Beta(α, β + n − 1).
  expectNear(sbgResidualLifetime({ alpha: 3, beta: 2 }, 3, 0), 4 / 2);
  expectNear(sbgResidualLifetime({ alpha: 3, beta: 2 }, 3, 1e-7), 4 / 2, 1e-6);
});

test("the likelihood is that of each customer, and cohorts of different lengths add up", () => {
  const lost = [30, 20, 10];
  const each = lost.reduce((sum, count, i) => sum + count * Math.log(sbgChurn(REGULAR, i + 1)), 0);
  expectNear(sbgLogLikelihood(REGULAR, lost, 40), each + 40 * Math.log(sbgSurvival(REGULAR, 3)));
  const cohorts = [
    { lost, kept: 40 },
    { lost: [25], kept: 75 },
  ];
  const fit = fitSbg(cohorts);
  expect(fit).toMatchObject({ model: "sBG", customers: 200, converged: true });
  expectNear(
    fit.logLikelihood,
    cohorts.reduce((sum, cohort) => sum + sbgLogLikelihood(fit.parameters, cohort.lost, cohort.kept), 0),
  );
  for (const by of [0.99, 1.01]) {
    const { alpha, beta } = fit.parameters;
    const off = (at: SbgParameters): number =>
      cohorts.reduce((sum, cohort) => sum + sbgLogLikelihood(at, cohort.lost, cohort.kept), 0);
    expect(off({ alpha: alpha * by, beta })).toBeLessThan(fit.logLikelihood);
    expect(off({ alpha, beta: beta * by })).toBeLessThan(fit.logLikelihood);
  }
});

test("out of domain is NaN", () => {
  expect(sbgChurn(REGULAR, 0)).toBeNaN();
  expect(sbgSurvival(REGULAR, -1)).toBeNaN();
  expect(sbgSurvival(REGULAR, 1.5)).toBeNaN();
  expect(sbgRetention({ alpha: 0, beta: 1 }, 1)).toBeNaN();
  expect(sbgChurnWithin(REGULAR, 1, -1)).toBeNaN();
  expect(sbgResidualLifetime(REGULAR, 1, -0.1)).toBeNaN();
  expect(sbgLogLikelihood({ alpha: 1, beta: Infinity }, [1], 1)).toBeNaN();
});

function expectNear(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(relative);
}
