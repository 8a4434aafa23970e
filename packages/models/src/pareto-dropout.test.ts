import { expect, test } from "vitest";
import { type DropoutIntegral, dropoutIntegral } from "./pareto-dropout.ts";

const empty = (): DropoutIntegral => ({ value: 0, logAlpha: 0, logBeta: 0, perAlpha: 0, perBeta: 0 });

test.each([
  // A, α, s, β, from, to: alike buyers and large counts, either factor the nearer, long and short times.
  [2e6, 1e7, 0.8, 30, 0, 60],
  [400_050, 2e6, 0.8, 3, 10, 70],
  [4000.5, 3, 0.6, 130, 500, 520],
  [4000.5, 3, 0.6, 0.2, 100, 500],
  [150, 3.3, 1.1, 134, 10, 11],
  [0.55, 10.6, 0.61, 11.7, 0, 500],
  [3, 7, 2e5, 1e6, 0, 50],
])("the integral is that of its parts: A %d, α %d, s %d, β %d from %d to %d", (A, alpha, s, beta, from, to) => {
  const whole = dropoutIntegral(A, alpha, s, beta, from, to, empty());
  let parts = 0;
  const steps = 64;
  for (let i = 0; i < steps; i++) {
    const [low, high] = [from + ((to - from) * i) / steps, from + ((to - from) * (i + 1)) / steps];
    const fallen = Math.exp(
      -A * Math.log1p((low - from) / (alpha + from)) - s * Math.log1p((low - from) / (beta + from)),
    );
    parts += fallen * dropoutIntegral(A, alpha, s, beta, low, high, empty()).value;
  }
  expect(Math.abs(whole.value / parts - 1)).toBeLessThan(1e-12);
});

test("for buyers who are all alike it is that of a constant rate", () => {
  // A/α = λ = .2 as α → ∞, and s = 1, β → 0 from y = 1: ∫_1^∞ e^(−λ(y−1)) y^−2 dy = e^λ (e^−λ − λ E₁(λ)), E₁(.2) = 1.222650544183893.
  const { value } = dropoutIntegral(2e9, 1e10, 1, 1e-9, 1, 1e4, empty());
  expect(value).toBeCloseTo(Math.exp(0.2) * (Math.exp(-0.2) - 0.2 * 1.222650544183893), 6);
});
