import { expect, test } from "vitest";
import { choleskyFactor } from "./cholesky.ts";

test("solves, and gives the inverse's diagonal, whatever the units of the rows", () => {
  // [[4, 2], [2, 3]] with the second row and column in units of a millionth.
  const factor = choleskyFactor(Float64Array.of(4, NaN, 2e6, 3e12), 2);
  if (!("solve" in factor)) throw new Error("no factor");
  const [x = NaN, y = NaN] = factor.solve(Float64Array.of(8, 7e6));
  expect(x).toBeCloseTo(10 / 8, 12);
  expect(y * 1e6).toBeCloseTo(12 / 8, 12);
  const [a = NaN, b = NaN] = factor.inverseDiagonal();
  expect(a).toBeCloseTo(3 / 8, 12);
  expect(b * 1e12).toBeCloseTo(4 / 8, 12);
});

test.each([
  ["a row of zeros", Float64Array.of(1, 0, 0, 0), 1],
  ["a multiple of a row", Float64Array.of(1, 3, 3, 9), 1],
  ["a negative diagonal", Float64Array.of(-1, 0, 0, 1), 0],
  ["NaN", Float64Array.of(1, 0, NaN, 1), 1],
])("%s is named", (_, matrix, dependentRow) => {
  expect(choleskyFactor(matrix, 2)).toEqual({ dependentRow });
});
