import * as fc from "fast-check";
import { expect, test } from "vitest";
import { symmetricEigen } from "./symmetric-eigen.ts";

test("a matrix times each of its vectors is the vector times its value, values ascend, vectors are orthonormal", () => {
  const entry = fc.double({ min: -1e3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(entry, { minLength: 16, maxLength: 16 }), (n, entries) => {
      const matrix = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (__, j) => entries[Math.min(i, j) * 4 + Math.max(i, j)] ?? NaN),
      );
      const { values, vectors } = symmetricEigen(matrix);
      expect([...values].sort((a, b) => a - b)).toEqual(values);
      for (const [k, vector] of vectors.entries()) {
        for (const [i, row] of matrix.entries()) {
          expect(Math.abs(dot(row, vector) - (values[k] ?? NaN) * (vector[i] ?? NaN))).toBeLessThan(1e-10);
        }
        for (const [l, other] of vectors.entries()) expect(dot(vector, other)).toBeCloseTo(k === l ? 1 : 0, 12);
      }
    }),
  );
});

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? NaN), 0);
}
