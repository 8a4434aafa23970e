import * as fc from "fast-check";
import { expect, test } from "vitest";
import { maximise, type Objective } from "./maximise.ts";

test("finds the top of a quadratic of any scale from anywhere", () => {
  const coordinate = fc.double({ min: -10, max: 10, noNaN: true });
  const scale = fc.double({ min: -2, max: 4, noNaN: true }).map((log) => 10 ** log);
  fc.assert(
    fc.property(fc.tuple(coordinate, coordinate, coordinate), fc.tuple(scale, scale, scale), (top, scales) => {
      const objective: Objective = (at, gradient) => {
        let value = 5;
        for (const [i, weight] of scales.entries()) {
          const off = (at[i] ?? NaN) - (top[i] ?? NaN);
          value -= (weight * off * off) / 2;
          gradient[i] = -weight * off;
        }
        return value;
      };
      const { at, value, converged } = maximise(objective, [0, 0, 0], 1e-7);
      expect(converged).toBe(true);
      expect(value).toBeCloseTo(5, 9);
      for (const [i, coordinateOfTop] of top.entries()) expect(at[i]).toBeCloseTo(coordinateOfTop, 4);
    }),
  );
});

test("follows a curved ridge (Rosenbrock's, upside down)", () => {
  const objective: Objective = (at, gradient) => {
    const [x = NaN, y = NaN] = at;
    gradient[0] = 400 * x * (y - x * x) + 2 * (1 - x);
    gradient[1] = -200 * (y - x * x);
    return -100 * (y - x * x) ** 2 - (1 - x) ** 2;
  };
  const { at, converged, evaluations } = maximise(objective, [-1.2, 1], 1e-8);
  expect(converged).toBe(true);
  expect(at[0]).toBeCloseTo(1, 8);
  expect(at[1]).toBeCloseTo(1, 8);
  expect(evaluations).toBeLessThan(100);
});

test("near the top, where a step gains less than a sum over many customers is rounded by, goes by the gradient", () => {
  const objective: Objective = (at, gradient) => {
    const [x = NaN, y = NaN] = at;
    gradient[0] = 400 * x * (y - x * x) + 2 * (1 - x);
    gradient[1] = -200 * (y - x * x);
    // The worst that rounding can do: every point closer to the top than where the search stands looks lower.
    const rounding = Math.hypot(1 - x, 1 - y) < 1e-5 ? 1e-8 : 0;
    return -1e5 - 100 * (y - x * x) ** 2 - (1 - x) ** 2 - rounding;
  };
  const { at, converged, evaluations } = maximise(objective, [-1.2, 1], 1e-6);
  expect(converged).toBe(true);
  expect(at[0]).toBeCloseTo(1, 8);
  expect(evaluations).toBeLessThan(100);
});

test("no step is longer than 2, wherever the gradient points", () => {
  let longest = 0;
  let last = 0;
  const far: Objective = (at, gradient) => {
    const [x = NaN] = at;
    longest = Math.max(longest, Math.abs(x - last));
    last = x;
    gradient[0] = (1e3 / (1 + (x - 60) ** 2) ** 0.5) * Math.sign(60 - x);
    return -1e3 * Math.asinh(Math.abs(x - 60));
  };
  maximise(far, [0], 1e-6);
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThanOrEqual(2 + 1e-12);
});

test("does not enter where the objective is not defined", () => {
  const objective: Objective = (at, gradient) => {
    const [x = NaN] = at;
    gradient[0] = 1 / x - 10;
    return x > 0 ? Math.log(x) - 10 * x : -Infinity;
  };
  const { at, converged } = maximise(objective, [5], 1e-8);
  expect(converged).toBe(true);
  expect(at[0]).toBeCloseTo(0.1, 8);
});

test("says when it did not converge: a slope without end, a start that is not defined", () => {
  const slope: Objective = (at, gradient) => {
    gradient[0] = 1;
    return at[0] ?? NaN;
  };
  expect(maximise(slope, [0], 1e-6).converged).toBe(false);
  const nowhere: Objective = (_, gradient) => {
    gradient[0] = NaN;
    return NaN;
  };
  expect(maximise(nowhere, [0], 1e-6).converged).toBe(false);
});

test("where rounding drowns the gain the slope leads on to the top", () => {
  // A banana-shaped ridge whose height is known to 1e-13 of it, as that of a sum over many customers; its gradient is exact.
  for (const start of [-1.2, -0.5, 0, 0.4, 0.8]) {
    const { at, converged } = maximise(
      ([x = NaN, y = NaN], gradient) => {
        const off = y - x * x;
        gradient.set([2 * (1 - x) + 400 * x * off, -200 * off]);
        return -1e6 - (1 - x) ** 2 - 100 * off ** 2 + 1e-7 * Math.sin(1e12 * (x + y));
      },
      [start, 1],
      1e-8,
    );
    expect([start, converged]).toEqual([start, true]);
    expect(Array.from(at)).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
  }
});

test("does not follow a ridge that hardly rises", () => {
  const ridge: Objective = (at, gradient) => {
    const [x = NaN] = at;
    gradient[0] = 1e-7;
    return 1e-7 * x;
  };
  const { converged, evaluations } = maximise(ridge, [0], 1e-9);
  expect(converged).toBe(false);
  expect(evaluations).toBeLessThan(30);
});
