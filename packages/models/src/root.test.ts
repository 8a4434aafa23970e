import { expect, test } from "vitest";
import { rootBetween, rootsOver } from "./root.ts";

test.each<[string, (t: number) => number, number, number, number]>([
  ["a line", (t) => t - 3, 0, 10, 3],
  ["a cube, flat at its root", (t) => (t - 1) ** 3, 0, 10, 1],
  ["an exponential over nine orders", (t) => Math.exp(t) - 1e9, -100, 100, Math.log(1e9)],
  ["a falling function", (t) => 1 / t - 1e-3, 1, 1e6, 1e3],
  ["a step", (t) => (t < Math.PI ? -1 : 1), 0, 10, Math.PI],
  ["a root at the start", (t) => t, 0, 1, 0],
  ["a root at the end", (t) => t - 1, 0, 1, 1],
])("the root of %s", (_, f, from, to, root) => {
  let calls = 0;
  const found = rootBetween(
    (t) => {
      calls++;
      return f(t);
    },
    from,
    to,
  );
  expect(Math.abs(found - root)).toBeLessThan(
    1e-5 ** (root === 1 && from === 0 && to === 10 ? 1 : 2.6) * Math.max(1, root),
  );
  expect(calls).toBeLessThan(120);
});

test("without a change of sign there is none", () => {
  expect(rootBetween((t) => t * t + 1, -1, 1)).toBeNaN();
  expect(rootBetween(() => NaN, -1, 1)).toBeNaN();
});

test("all roots over points, a pair between two points too, and one on a point once", () => {
  const points = [0, 1, 2, 3, 4, 5];
  expectRoots(
    rootsOver((t) => (t - 0.5) * (t - 3.5), points),
    [0.5, 3.5],
  );
  expectRoots(
    rootsOver((t) => (t - 2.4) * (t - 2.2), points),
    [2.2, 2.4],
  );
  expectRoots(
    rootsOver((t) => -(t - 2.4) * (t - 2.2), points),
    [2.2, 2.4],
  );
  expectRoots(
    rootsOver((t) => t - 2, points),
    [2],
  );
  expectRoots(
    rootsOver((t) => t, points),
    [0],
  );
  expectRoots(
    rootsOver((t) => 1 + (t - 2.3) ** 2, points),
    [],
  );
});

function expectRoots(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, root] of expected.entries()) expect(actual[i]).toBeCloseTo(root, 12);
}
