import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { oddsRatio } from "./odds-ratio.ts";

interface Band {
  readonly alertedSilent: number;
  readonly alertedBought: number;
  readonly belowSilent: number;
  readonly belowBought: number;
  readonly oddsRatio: readonly number[];
}

/** Made by test/fixtures/cdnow/alerts.py. */
const fixture = new URL("../../../../test/fixtures/cdnow/alerts.json", import.meta.url);
const expected = JSON.parse(readFileSync(fixture, "utf8")) as Record<string, { readonly bands: readonly Band[] }>;

test("ratio and interval are those that the script computes apart", () => {
  for (const band of Object.values(expected).flatMap(({ bands }) => bands)) {
    const { ratio, lower, upper } = oddsRatio(
      { yes: band.alertedSilent, no: band.alertedBought },
      { yes: band.belowSilent, no: band.belowBought },
    );
    for (const [i, value] of [ratio, lower, upper].entries()) {
      expect(Math.abs(value / (band.oddsRatio[i] ?? NaN) - 1)).toBeLessThan(1e-12);
    }
  }
});

test("the groups exchanged give the reciprocal, no odds give NaN", () => {
  const one = oddsRatio({ yes: 3, no: 5 }, { yes: 7, no: 11 });
  const other = oddsRatio({ yes: 7, no: 11 }, { yes: 3, no: 5 });
  expect(one.ratio * other.ratio).toBeCloseTo(1, 12);
  expect(one.lower * other.upper).toBeCloseTo(1, 12);
  const nothing = { ratio: NaN, lower: NaN, upper: NaN };
  for (const empty of [0, -1, NaN]) expect(oddsRatio({ yes: empty, no: 5 }, { yes: 7, no: 11 })).toEqual(nothing);
});
