import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gammaGammaLogLikelihood, gammaGammaMean } from "./gamma-gamma.ts";
import { logGamma } from "./special-functions.ts";

interface Fixtures {
  readonly spend: readonly {
    readonly x: number;
    readonly m: number;
    readonly logLikelihood: number;
    readonly mean: number;
  }[];
}

const fixtures = JSON.parse(readFileSync(new URL("../fixtures/mbg-nbd.json", import.meta.url), "utf8")) as Fixtures;
const CDNOW = { p: 6.24957, q: 3.74422, v: 15.44353 };

test.each(fixtures.spend)(
  "log-likelihood and mean at x $x, m $m equal the fixture within 1e-9",
  ({ x, m, ...expected }) => {
    expect(Math.abs(gammaGammaLogLikelihood(CDNOW, x, m) / expected.logLikelihood - 1)).toBeLessThan(1e-9);
    expect(Math.abs(gammaGammaMean(CDNOW, x, x * m) / expected.mean - 1)).toBeLessThan(1e-9);
  },
);

test("where customers do not differ, q and v beyond all bounds, a purchase is Gamma(p, q/v) and no digit is lost", () => {
  const [p, rate] = [6, 0.4];
  for (const [x, m] of [
    [1, 12],
    [3, 17],
    [40, 15],
  ] as const) {
    const shape = p * x;
    const limit = shape * Math.log(rate * x * m) - Math.log(m) - rate * x * m - logGamma(shape);
    expect(Math.abs(gammaGammaLogLikelihood({ p, q: 1e13, v: 1e13 / rate }, x, m) - limit)).toBeLessThan(1e-8);
  }
});

test("without repeat purchases the mean is the population's, pv/(q − 1)", () => {
  expect(gammaGammaMean(CDNOW, 0, 0)).toBeCloseTo((CDNOW.p * CDNOW.v) / (CDNOW.q - 1), 12);
});

test("a mean that does not exist is NaN", () => {
  expect(gammaGammaMean({ ...CDNOW, q: 1 }, 0, 0)).toBeNaN();
  expect(gammaGammaMean({ ...CDNOW, q: 1 }, 1, 10)).toBeGreaterThan(0);
  expect(gammaGammaMean(CDNOW, 1, -1)).toBeNaN();
  expect(gammaGammaLogLikelihood(CDNOW, 1, 0)).toBeNaN();
});
