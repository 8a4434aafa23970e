import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areaUnderCurve } from "./auc.ts";
import { concordance } from "./concordance.ts";
import { gainCurve, topValueShare } from "./gain.ts";
import { meanAbsoluteError, pearsonCorrelation, rootMeanSquaredError } from "./point-errors.ts";

const small = fc.integer({ min: 0, max: 8 });
const rows = fc.array(fc.tuple(small, small), { minLength: 1, maxLength: 40 });
const columns = (some: readonly (readonly [number, number])[]): [number[], number[]] => [
  some.map(([value]) => value),
  some.map(([, score]) => score),
];

describe("gain and lift", () => {
  test("by hand: four customers in two groups, the best two scores first", () => {
    expect(gainCurve([6, 0, 3, 1], [9, 1, 5, 7], 2)).toEqual([
      { population: 0.5, gain: 0.7, lift: 1.4, cumulativeLift: 1.4 },
      { population: 1, gain: 1, lift: expect.closeTo(0.6, 12), cumulativeLift: 1 },
    ]);
  });

  test("customers count whole, and the same score shares the value out", () => {
    expect(topValueShare([6, 4, 0], [3, 2, 1], 0.5)).toBe(0.6);
    expect(topValueShare([6, 4, 0, 0], [1, 1, 0, 0], 0.25)).toBe(0.5);
    expect(topValueShare([6, 4], [2, 1], 0)).toBe(0);
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(
      topValueShare(
        hundred.map(() => 1),
        hundred,
        0.29,
      ),
    ).toBe(0.29);
    expect(gainCurve([1, 3], [1, 2], 10).map(({ gain }) => gain)).toEqual([0.75, 1]);
  });

  test("ends at 1, never falls, and no ranking captures more than the values' own", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (some, groups) => {
        const [values, scores] = columns([...some, [1, 4]]);
        const curve = gainCurve(values, scores, groups);
        const best = gainCurve(values, values, groups);
        expect(curve.at(-1)).toMatchObject({ population: 1, gain: 1, cumulativeLift: 1 });
        for (const [k, { gain, lift }] of curve.entries()) {
          expect(gain).toBeGreaterThanOrEqual((curve[k - 1]?.gain ?? 0) - 1e-12);
          expect(gain).toBeLessThanOrEqual((best[k]?.gain ?? NaN) + 1e-12);
          expect(lift).toBeGreaterThanOrEqual(-1e-12);
        }
        const shares = curve.map(({ population }, k) => population - (curve[k - 1]?.population ?? 0));
        expect(curve.reduce((sum, { lift }, k) => sum + lift * (shares[k] ?? NaN), 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test("nothing to capture is NaN", () => {
    expect(topValueShare([0, 0], [1, 2], 0.5)).toBeNaN();
    expect(gainCurve([0], [1], 1)[0]?.gain).toBeNaN();
  });
});

describe("concordance", () => {
  test("by hand: four rows, one pair tied in each column", () => {
    // Pairs ranked right: 1-2, 1-3, 1-4, 2-4; the same prediction 2-3; the same actual value 3-4.
    const result = concordance([1, 2, 3, 3], [1, 5, 5, 9]);
    expect(result).toMatchObject({ concordant: 4, discordant: 0, tiedActual: 1, tiedPredicted: 1 });
    expect(result.c).toBeCloseTo(4.5 / 5, 12);
    expect(result.tauB).toBeCloseTo(4 / 5, 12);
  });

  test("counts as looking at every pair does", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const [actual, predicted] = columns(some);
        let concordant = 0;
        let discordant = 0;
        for (const [i, a] of actual.entries()) {
          for (let j = 0; j < i; j++) {
            const sign = (a - (actual[j] ?? NaN)) * ((predicted[i] ?? NaN) - (predicted[j] ?? NaN));
            if (sign > 0) concordant++;
            if (sign < 0) discordant++;
          }
        }
        expect(concordance(actual, predicted)).toMatchObject({ concordant, discordant });
      }),
    );
  });

  test("C of two outcomes is the AUC", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const [values, scores] = columns([...some, [0, 3], [8, 3]]);
        const outcomes = values.map((value) => (value > 4 ? 1 : 0));
        expect(concordance(outcomes, scores).c).toBeCloseTo(areaUnderCurve(outcomes, scores), 12);
      }),
    );
  });

  test("is NaN where nothing can be ranked", () => {
    expect(concordance([1], [1])).toMatchObject({ c: NaN, tauB: NaN });
    expect(concordance([2, 2], [1, 3])).toMatchObject({ c: NaN, tauB: NaN });
    expect(concordance([1, 3], [2, 2])).toMatchObject({ c: 0.5, tauB: NaN });
  });

  test("a quarter of a million rows take n log n", () => {
    const count = 250_000;
    const actual = Float64Array.from({ length: count }, (_, i) => i);
    const { discordant, tauB } = concordance(actual, actual.toReversed());
    expect(discordant).toBe((count * (count - 1)) / 2);
    expect(tauB).toBeCloseTo(-1, 12);
  });
});

describe("errors of predicted values", () => {
  test("by hand", () => {
    expect(meanAbsoluteError([1, 2, 3], [2, 2, 1])).toBeCloseTo(1, 12);
    expect(rootMeanSquaredError([1, 2, 3], [2, 2, 1])).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(pearsonCorrelation([1, 2, 3], [2, 2, 1])).toBeCloseTo(-Math.sqrt(3) / 2, 12);
  });

  test("a line correlates to ±1, a constant is NaN, far from 0 too", () => {
    expect(pearsonCorrelation([1, 2, 3], [1e9 + 2, 1e9 + 4, 1e9 + 6])).toBeCloseTo(1, 12);
    expect(pearsonCorrelation([1, 2, 3], [0.1, 0.1, 0.1])).toBeNaN();
  });
});
