import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gammaGammaLogLikelihood } from "./gamma-gamma.ts";
import { mbgLogLikelihood } from "./mbg-nbd.ts";

/** Summary of the CDNOW sample: an independent script's, see test/fixtures/cdnow/README.md. */
const summary = readFileSync(new URL("../../../test/fixtures/cdnow/summary.csv", import.meta.url), "utf8");
const customers = summary
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(",").map(Number))
  .map(([, , x = NaN, txDays = NaN, tDays = NaN, repeatCents = NaN]) => ({
    x,
    tx: txDays / 7,
    T: tDays / 7,
    repeatCents,
  }));

test("MBG/NBD on the CDNOW sample has the published log-likelihood", () => {
  expect(customers.length).toBe(2357);
  const parameters = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };
  const total = customers.reduce((sum, { x, tx, T }) => sum + mbgLogLikelihood(parameters, x, tx, T), 0);
  expect(Math.abs(total - -9582.1357)).toBeLessThan(0.001);
});

test("Gamma-Gamma on its 946 repeat buyers has the published log-likelihood", () => {
  const buyers = customers.filter(({ x }) => x > 0);
  expect(buyers.length).toBe(946);
  const parameters = { p: 6.24957, q: 3.74422, v: 15.44353 };
  const total = buyers.reduce(
    (sum, { x, repeatCents }) => sum + gammaGammaLogLikelihood(parameters, x, repeatCents / 100 / x),
    0,
  );
  expect(Math.abs(total - -4055.918)).toBeLessThan(0.01);
});
