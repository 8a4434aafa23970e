import { expect, test } from "vitest";
import { estimate } from "./estimate.ts";
import { Unfittable } from "./errors.ts";
import { fitSbg } from "./fit-sbg.ts";
import { sbgLogLikelihood } from "./sbg.ts";

const lost = [369, 163, 86, 56, 37, 27, 21];
const kept = 241;

test("the information is minus the second derivatives of ln L by the parameters' logarithms", () => {
  const { parameters, logInformation } = fitSbg([{ lost, kept }]);
  const at = (da: number, db: number): number =>
    sbgLogLikelihood({ alpha: parameters.alpha * Math.exp(da), beta: parameters.beta * Math.exp(db) }, lost, kept);
  const h = 1e-2;
  const second = (left: number, right: number): number =>
    -(at(left, right) - 2 * at(0, 0) + at(-left, -right)) / (h * h);
  const [alphas, betas] = [second(h, 0), second(0, h)];
  const both = (second(h, h) - alphas - betas) / 2;
  for (const [i, row] of [
    [alphas, both],
    [both, betas],
  ].entries()) {
    for (const [j, expected] of row.entries()) {
      expect(Math.abs((logInformation[i]?.[j] ?? NaN) / expected - 1)).toBeLessThan(1e-3);
    }
  }
});

test("standard errors are the roots of its inverse's diagonal, times the parameter on the natural scale", () => {
  const { parameters, logInformation, logStandardErrors, standardErrors } = fitSbg([{ lost, kept }]);
  const [[aa = NaN, ab = NaN] = [], [, bb = NaN] = []] = logInformation;
  const determinant = aa * bb - ab * ab;
  const { alpha = NaN, beta = NaN } = logStandardErrors;
  expect(alpha).toBeCloseTo(Math.sqrt(bb / determinant), 10);
  expect(beta).toBeCloseTo(Math.sqrt(aa / determinant), 10);
  expect(standardErrors["alpha"]).toBeCloseTo(parameters.alpha * alpha, 12);
  expect(standardErrors["beta"]).toBeCloseTo(parameters.beta * beta, 12);
});

test("a likelihood that is finite nowhere has no maximum", () => {
  const nowhere = (): number => NaN;
  expect(() => estimate(nowhere, ["a"], [[1], [2]], 100)).toThrow(Unfittable);
});

test("what is known only together has one warning and no standard errors, the rest has its own", () => {
  // −(x + y)² − 2z² over the logarithms: x − y is free.
  const { standardErrors, warnings } = estimate(
    (at, gradient) => {
      const [x = NaN, y = NaN, z = NaN] = at;
      gradient.set([-2 * (x + y), -2 * (x + y), -4 * z]);
      return -((x + y) ** 2) - 2 * z * z;
    },
    ["a", "b", "c"],
    [[2, 3, 4]],
    1000,
  );
  expect(standardErrors).toEqual({ a: NaN, b: NaN, c: expect.closeTo(0.5, 6) });
  expect(warnings).toEqual([
    { code: "NOT_IDENTIFIED", message: "a and b run off together: ln L hardly changes along them" },
  ]);
});

test("of searches that came to the same top, one that knows it is there is taken", () => {
  // A top at 1; what begins beyond 1.5 hears of a slope that never vanishes, and of a value that rounding lifts by a billionth.
  let lifted = false;
  const { converged } = estimate(
    (at, gradient) => {
      const [x = NaN] = at;
      if (x > 1.5) lifted = true;
      gradient[0] = -2 * (x - 1) + (lifted ? 1e-3 : 0);
      return -((x - 1) ** 2) + (lifted ? 1e-9 : 0);
    },
    ["a"],
    [[Math.exp(0.9)], [Math.exp(1.6)]],
    1000,
  );
  expect(converged).toBe(true);
});

test("the likelier of two tops is found from several starts", () => {
  // −(x² − 1)² − (x − 1)²/10 over x = ln a: a low top near −1, the high one at 1.
  const { parameters } = estimate(
    (at, gradient) => {
      const [x = NaN] = at;
      gradient[0] = -4 * x * (x * x - 1) - (x - 1) / 5;
      return -((x * x - 1) ** 2) - (x - 1) ** 2 / 10;
    },
    ["a"],
    [[Math.exp(-1)], [Math.exp(-0.9)], [Math.exp(0.8)]],
    1000,
  );
  expect(parameters["a"]).toBeCloseTo(Math.E, 4);
});
