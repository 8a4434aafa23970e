import { expect, test } from "vitest";
import { integrate, LEGENDRE_NODES, LEGENDRE_WEIGHTS } from "./gauss-legendre.ts";

test("twelve nodes give the integral of every power up to 23 over [−1, 1], and not of 24", () => {
  const integral = (power: number): number =>
    LEGENDRE_NODES.reduce((sum, node, i) => sum + (LEGENDRE_WEIGHTS[i] ?? NaN) * node ** power, 0);
  for (let power = 0; power < 24; power++) {
    expect(Math.abs(integral(power) - (power % 2 === 0 ? 2 / (power + 1) : 0))).toBeLessThan(2e-15);
  }
  expect(Math.abs(integral(24) - 2 / 25)).toBeGreaterThan(1e-9);
});

test("an exponential that falls by e^−8 over the panel is exact to 1e-14", () => {
  const integral = LEGENDRE_NODES.reduce(
    (sum, node, i) => sum + (LEGENDRE_WEIGHTS[i] ?? NaN) * Math.exp(-4 * (node + 1)),
    0,
  );
  expect(Math.abs(integral / (-Math.expm1(-8) / 4) - 1)).toBeLessThan(1e-13);
});

test.each<[string, (t: number) => number, number, number, number]>([
  ["a narrow peak", (t) => Math.exp(-(((t - 0.3) / 1e-3) ** 2)), 0, 1, 1e-3 * Math.sqrt(Math.PI)],
  ["a root at its branch point", Math.sqrt, 0, 4, 16 / 3],
  ["a tail over many orders", (t) => Math.exp(-t), 0, 700, 1],
  ["nothing", () => 0, 0, 1, 0],
])("%s is refined until it is right", (_, f, from, to, value) => {
  expect(Math.abs(integrate(f, from, to) - value)).toBeLessThanOrEqual(1e-11 * value);
});
