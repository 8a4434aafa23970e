import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aliveCrossing, silenceCrossings } from "./crossing-times.ts";
import { createDiscountSchedule } from "./discount-schedule.ts";
import { createPurchaseModel, type PurchaseModel } from "./purchase-model.ts";
import type { PurchaseModelSpec } from "./purchase-model-parameters.ts";

/** Parameters over four orders of magnitude, so that α = β, a or s near 1 and small values all occur. */
const logUniform = (from: number, to: number): fc.Arbitrary<number> =>
  fc.double({ min: Math.log(from), max: Math.log(to), noNaN: true }).map(Math.exp);
const shape = fc.oneof(logUniform(0.05, 20), fc.constantFrom(1, 1 + 1e-7, 0.5, 2));
const scale = fc.oneof(logUniform(0.1, 200), fc.constantFrom(1, 10));
const dropout = { r: shape, alpha: scale, a: shape, b: shape };
const k = fc.integer({ min: 1, max: 12 });
const poissonSpecs: fc.Arbitrary<PurchaseModelSpec> = fc.oneof(
  fc.record({ model: fc.constant("BG/NBD" as const), parameters: fc.record(dropout) }),
  fc.record({ model: fc.constant("MBG/NBD" as const), parameters: fc.record(dropout) }),
  fc.record({
    model: fc.constant("Pareto/NBD" as const),
    parameters: fc.record({ r: shape, alpha: scale, s: shape, beta: scale }),
  }),
);
const regularSpecs: fc.Arbitrary<PurchaseModelSpec> = fc.record({
  model: fc.constantFrom("BG/CNBD-k" as const, "MBG/CNBD-k" as const),
  parameters: fc.record({ k, ...dropout }),
});
const specs = fc.oneof(poissonSpecs, regularSpecs);
const histories = fc
  .record({
    x: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 10_000 })),
    tx: logUniform(0.01, 500),
    silent: fc.oneof(fc.constant(0), logUniform(0.001, 5_000)),
  })
  .map(({ x, tx, silent }) => ({ x, tx: x === 0 ? 0 : tx, T: x === 0 ? silent : tx + silent }));
const horizon = logUniform(0.01, 1000);

/** Where the sum over the mass ends. */
const MASS_LEFT = 1e-13;

describe("for every model, history and horizon", () => {
  test("probabilities lie in [0, 1], and silence is the mass of no purchase and the ratio of likelihoods", () => {
    fc.assert(
      fc.property(specs, histories, horizon, (spec, { x, tx, T }, h) => {
        const model = createPurchaseModel(spec);
        const alive = model.alive(x, tx, T);
        const silence = model.silence(x, tx, T, h);
        for (const probability of [alive, silence, model.mass(x, tx, T, h, 1), model.mass(x, tx, T, h, 5)]) {
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1 + 1e-12);
        }
        expect(silence).toBeGreaterThanOrEqual(1 - alive - 1e-15);
        expect(Math.abs(model.mass(x, tx, T, h, 0) - silence)).toBeLessThanOrEqual(1e-12 * silence);
        const ratio = Math.exp(model.logLikelihood(x, tx, T + h) - model.logLikelihood(x, tx, T));
        expect(Math.abs(ratio - silence)).toBeLessThan(1e-12 * Math.max(x, 100) * Math.log(10 + x + T + h));
      }),
    );
  });

  test("P(alive) never rises while nothing happens", () => {
    fc.assert(
      fc.property(specs, histories, horizon, (spec, { x, tx, T }, h) => {
        const model = createPurchaseModel(spec);
        expect(model.alive(x, tx, T + h)).toBeLessThanOrEqual(model.alive(x, tx, T) * (1 + 1e-12));
      }),
    );
  });

  test("expected purchases grow with the time, but not faster than it", () => {
    fc.assert(
      fc.property(poissonSpecs, histories, horizon, (spec, { x, tx, T }, h) => {
        const model = createPurchaseModel(spec);
        const once = model.expectedPurchases(x, tx, T, h);
        const twice = model.expectedPurchases(x, tx, T, 2 * h);
        expect(twice).toBeGreaterThanOrEqual(once * (1 - 1e-9));
        expect(twice).toBeLessThanOrEqual(2 * once * (1 + 1e-9));
      }),
    );
  });

  test("expected purchases are Σ n·P(Y = n), and the masses add up to 1", () => {
    const few = histories.filter(({ x }) => x <= 20);
    fc.assert(
      fc.property(specs, few, logUniform(0.01, 5), (spec, { x, tx, T }, share) => {
        const { alpha } = spec.parameters;
        const model = createPurchaseModel(spec);
        const t = share * (alpha + T);
        let [total, mean, n] = [0, 0, 0];
        for (let mass = 1; n < 3000 && (n < 2 || 1 - total > MASS_LEFT) && mass > 0; n++) {
          mass = model.mass(x, tx, T, t, n);
          total += mass;
          mean += n * mass;
        }
        expect(total).toBeCloseTo(1, 10);
        const expected = model.expectedPurchases(x, tx, T, t);
        // What is left of the mass lies beyond n, where the tail's mean is a few times n.
        expect(Math.abs(mean - expected)).toBeLessThan(1e-8 * expected + 1e-11 + 4 * n * MASS_LEFT);
      }),
      {
        numRuns: 60,
        examples: [
          [
            { model: "BG/CNBD-k", parameters: { k: 2, r: 1, alpha: 1, a: 1, b: 1 } },
            { x: 20, tx: 1, T: 2 },
            4.151277650606627,
          ],
        ],
      },
    );
  });

  test("discounted purchases are the weekly sum within 1e-6", () => {
    const schedule = createDiscountSchedule({ horizon: 365 / 7, period: 1, year: 365 / 7, rate: 0.1 });
    fc.assert(
      fc.property(specs, histories, (spec, { x, tx, T }) => {
        const model = createPurchaseModel(spec);
        let [sum, before] = [0, 0];
        for (let week = 1; week <= 53; week++) {
          const end = Math.min(week, 365 / 7);
          const upto = model.expectedPurchases(x, tx, T, end);
          sum += (upto - before) * 1.1 ** (-end / (365 / 7));
          before = upto;
        }
        const value = model.discountedPurchases(x, tx, T, schedule);
        expect(Math.abs(value - sum)).toBeLessThanOrEqual(1e-6 * sum + 1e-290);
      }),
      { numRuns: 60 },
    );
  });

  test("the crossing of P(alive) inverts it", () => {
    fc.assert(
      fc.property(specs, histories, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (spec, { x, tx }, level) => {
        const model = createPurchaseModel(spec);
        const T = aliveCrossing(model, x, tx, level);
        if (T === tx) expect(model.alive(x, tx, tx)).toBeLessThanOrEqual(level);
        else if (T === Infinity) expect(model.alive(x, tx, tx + 1e14)).toBeGreaterThan(level);
        else expectInverse(model.alive(x, tx, T), level, x, tx, T);
      }),
    );
  });

  test("the crossings of silence invert it, and between two of them it stays on one side", () => {
    fc.assert(
      fc.property(
        specs,
        histories,
        horizon,
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        (spec, { x, tx }, h, level) => {
          const model = createPurchaseModel(spec);
          const until = tx + 60 * h;
          const crossings = silenceCrossings(model, x, tx, { horizon: h, level, from: tx, until });
          for (const T of crossings) expectInverse(model.silence(x, tx, T, h), level, x, tx, T);
          if (model.regularity === 1) expect(crossings.length).toBeLessThanOrEqual(1);
          const fences = [tx, ...crossings, until];
          for (let i = 1; i < fences.length; i++) {
            const [from = 0, to = 0] = [fences[i - 1], fences[i]];
            const sides = [0.1, 0.35, 0.5, 0.65, 0.9].map(
              (share) => model.silence(x, tx, from + share * (to - from), h) - level,
            );
            expect(Math.min(...sides) * Math.max(...sides)).toBeGreaterThanOrEqual(-1e-9);
          }
        },
      ),
    );
  });
});

test("silence rises while nothing happens where buying is a Poisson process", () => {
  fc.assert(
    fc.property(poissonSpecs, histories, horizon, horizon, (spec, { x, tx, T }, h, later) => {
      const model = createPurchaseModel(spec);
      expect(model.silence(x, tx, T + later, h)).toBeGreaterThanOrEqual(model.silence(x, tx, T, h) * (1 - 1e-12));
    }),
  );
});

test("(M)BG/CNBD-k with k = 1 is (M)BG/NBD", () => {
  const kinds = fc.constantFrom(["BG/NBD", "BG/CNBD-k"] as const, ["MBG/NBD", "MBG/CNBD-k"] as const);
  fc.assert(
    fc.property(kinds, fc.record(dropout), histories, horizon, ([plain, regular], parameters, { x, tx, T }, h) => {
      const one = createPurchaseModel({ model: plain, parameters });
      const other = createPurchaseModel({ model: regular, parameters: { k: 1, ...parameters } });
      const t = Math.min(h, 20 * (parameters.alpha + T));
      const answers = (model: PurchaseModel): number[] => [
        model.alive(x, tx, T),
        model.silence(x, tx, T, h),
        model.mass(x, tx, T, h, 2),
        model.expectedPurchases(x, tx, T, t),
      ];
      const expected = answers(one);
      for (const [i, value] of answers(other).entries()) {
        expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThanOrEqual(1e-9 * Math.abs(value) + 1e-300);
      }
      const likelihood = one.logLikelihood(x, tx, T);
      expect(Math.abs(other.logLikelihood(x, tx, T) - likelihood)).toBeLessThanOrEqual(
        1e-12 * (Math.abs(likelihood) + x + 1),
      );
    }),
  );
});

/** The level itself, or the values on both sides of it where T has no digits to say it better: 4 units in the last place. */
function expectInverse(value: number, level: number, x: number, tx: number, T: number): void {
  const digits = (x + 20) * (T / Math.max(T - tx, 1e-9) + 1) * 1e-14;
  expect(Math.abs(value - level)).toBeLessThan(1e-10 + digits);
}
