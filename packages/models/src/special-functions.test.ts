import * as fc from "fast-check";
import { expect, test } from "vitest";
import { digamma, digammaRise, logGamma, logGammaRise } from "./special-functions.ts";

const size = fc.double({ min: -3, max: 12, noNaN: true }).map((log) => 10 ** log);

test("ln Γ and ψ rise over a whole number as their recurrences say, however large the argument", () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 50 }), (z, n) => {
      let logs = 0;
      let reciprocals = 0;
      for (let i = 0; i < n; i++) {
        logs += Math.log(z + i);
        reciprocals += 1 / (z + i);
      }
      expect(Math.abs(logGammaRise(z, n) - logs)).toBeLessThan(1e-13 * (10 + n * Math.abs(Math.log(z + n))));
      expect(Math.abs(digammaRise(z, n) - reciprocals)).toBeLessThanOrEqual(1e-12 * reciprocals);
    }),
  );
});

test("and over any way as the difference, where that still has its digits", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (z, d) => {
        expect(Math.abs(logGammaRise(z, d) - (logGamma(z + d) - logGamma(z)))).toBeLessThan(1e-12);
        expect(Math.abs(digammaRise(z, d) - (digamma(z + d) - digamma(z)))).toBeLessThan(1e-12);
      },
    ),
  );
});

test("out of domain they are NaN", () => {
  for (const rise of [logGammaRise, digammaRise]) {
    for (const [z, d] of [
      [0, 1],
      [-1, 1],
      [1, -1],
      [NaN, 1],
      [30, NaN],
    ] as const) {
      expect(rise(z, d)).toBeNaN();
    }
  }
});
