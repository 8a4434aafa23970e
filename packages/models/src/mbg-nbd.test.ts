import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type MbgNbdParameters,
  mbgAlive,
  mbgExpectedPurchases,
  mbgExpectedPurchasesAlive,
  mbgExpectedPurchasesNew,
  mbgLogLikelihood,
  mbgMass,
  mbgSilence,
} from "./mbg-nbd.ts";

interface Fixtures {
  readonly horizons: readonly number[];
  readonly histories: readonly {
    readonly parameters: MbgNbdParameters;
    readonly x: number;
    readonly tx: number;
    readonly T: number;
    readonly logLikelihood: number;
    readonly alive: number;
    readonly expected: readonly number[];
    readonly silence: readonly number[];
  }[];
  readonly mass: readonly { readonly n: number; readonly t: number; readonly probability: number }[];
}

const fixtures = JSON.parse(readFileSync(new URL("../fixtures/mbg-nbd.json", import.meta.url), "utf8")) as Fixtures;
const CDNOW: MbgNbdParameters = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };

describe.each(fixtures.histories)("MBG/NBD at $parameters, x $x, tx $tx, T $T", (history) => {
  const { parameters, x, tx, T } = history;

  test("log-likelihood and P(alive) equal the fixture within 1e-9", () => {
    // ln L of a customer seen for no time is 0 but for rounding.
    expectNear(mbgLogLikelihood(parameters, x, tx, T), history.logLikelihood, 1e-5);
    expectNear(mbgAlive(parameters, x, tx, T), history.alive);
  });

  test.each(fixtures.horizons.map((t, k) => [t, k] as const))(
    "over %d, expected purchases and silence equal it",
    (t, k) => {
      expectNear(mbgExpectedPurchases(parameters, x, tx, T, t), history.expected[k]);
      expectNear(mbgSilence(parameters, x, tx, T, t), history.silence[k]);
    },
  );
});

test.each(fixtures.mass)("P(X($t) = $n) equals the fixture within 1e-9", ({ n, t, probability }) => {
  expectNear(mbgMass(CDNOW, n, t), probability);
});

test("the masses add up to 1, and their mean is E[X(t)]", () => {
  const masses = Array.from({ length: 600 }, (_, n) => mbgMass(CDNOW, n, 39));
  expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
  expectNear(
    masses.reduce((sum, mass, n) => sum + n * mass, 0),
    mbgExpectedPurchasesNew(CDNOW, 39),
  );
});

test("silence is the ratio of the likelihoods with and without the silent time", () => {
  const silent = mbgLogLikelihood(CDNOW, 3, 20, 30 + 12) - mbgLogLikelihood(CDNOW, 3, 20, 30);
  expectNear(mbgSilence(CDNOW, 3, 20, 30, 12), Math.exp(silent));
});

test("silence never falls while nothing happens, and stays in [0, 1]", () => {
  for (const [x, tx] of [
    [0, 0],
    [1, 4],
    [12, 50],
    [900, 100],
  ] as const) {
    let before = 0;
    for (let T = tx; T < 10_000; T = T * 1.07 + 0.01) {
      const silence = mbgSilence(CDNOW, x, tx, T, 90 / 7);
      expect(silence).toBeGreaterThanOrEqual(before * (1 - 1e-15));
      expect(silence).toBeLessThanOrEqual(1);
      before = silence;
    }
  }
});

test("series, closed form and the interpolation near a = 1 join without a step", () => {
  for (const a of [1 - 1e-4, 1 + 1e-4, 1]) {
    const below = mbgExpectedPurchasesAlive({ ...CDNOW, a: a - 1e-9 }, 2, 20, 30);
    const above = mbgExpectedPurchasesAlive({ ...CDNOW, a: a + 1e-9 }, 2, 20, 30);
    expect(Math.abs(above / below - 1)).toBeLessThan(1e-8);
  }
  const edge = 0.25 * (CDNOW.alpha + 20);
  expectNear(
    mbgExpectedPurchasesAlive(CDNOW, 2, 20, edge * (1 + 1e-12)),
    mbgExpectedPurchasesAlive(CDNOW, 2, 20, edge),
  );
});

test("everything is finite for x and T up to 10,000", () => {
  for (const x of [0, 1, 10_000]) {
    for (const T of [0, 1e-9, 1, 10_000]) {
      for (const tx of x === 0 ? [0] : [0, T / 2, T]) {
        const values = [
          mbgLogLikelihood(CDNOW, x, tx, T),
          mbgAlive(CDNOW, x, tx, T),
          mbgSilence(CDNOW, x, tx, T, 13),
          mbgExpectedPurchases(CDNOW, x, tx, T, 52),
        ];
        expect(values.filter((value) => !Number.isFinite(value))).toEqual([]);
      }
    }
  }
});

test("out of domain is NaN", () => {
  expect(mbgAlive(CDNOW, -1, 0, 1)).toBeNaN();
  expect(mbgAlive(CDNOW, 1, 2, 1)).toBeNaN();
  expect(mbgAlive(CDNOW, 0, 1, 2)).toBeNaN();
  expect(mbgAlive({ ...CDNOW, b: 0 }, 1, 1, 1)).toBeNaN();
  expect(mbgLogLikelihood(CDNOW, 1, 1, Infinity)).toBeNaN();
  expect(mbgSilence(CDNOW, 1, 1, 1, -1)).toBeNaN();
  expect(mbgExpectedPurchases(CDNOW, 1, NaN, 1, 1)).toBeNaN();
  expect(mbgMass(CDNOW, 0.5, 1)).toBeNaN();
});

/** Within 1e-9 of the expected number, or of `scaleMin` where that is greater. */
function expectNear(actual: number, expected: number | undefined, scaleMin = 1e-290): void {
  const want = expected ?? NaN;
  expect(Math.abs(actual - want)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(want), scaleMin));
}
