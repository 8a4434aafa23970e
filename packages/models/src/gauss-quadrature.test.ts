import { expect, test } from "vitest";
import { gaussQuadrature } from "./gauss-quadrature.ts";

const points = Array.from({ length: 51 }, (_, i) => i + 1);
const weights = points.map((point) => 0.99 ** point);

test("n nodes give the sum of every polynomial of degree below 2n", () => {
  const { nodes, weights: gauss } = gaussQuadrature(points, weights, 5);
  expect(nodes.length).toBe(5);
  for (let degree = 0; degree < 10; degree++) {
    const direct = points.reduce((sum, point, i) => sum + (weights[i] ?? 0) * (point / 51) ** degree, 0);
    const few = nodes.reduce((sum, node, k) => sum + (gauss[k] ?? 0) * (node / 51) ** degree, 0);
    expect(few / direct).toBeCloseTo(1, 12);
  }
});

test("a measure of few points is its own quadrature", () => {
  expect(gaussQuadrature([1, 2], [3, 4], 5)).toEqual({ nodes: [1, 2], weights: [3, 4] });
});
