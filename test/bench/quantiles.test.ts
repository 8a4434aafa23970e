import { describe, expect, test } from "vitest";
import { quantilesOf } from "./quantiles.ts";

describe("quantilesOf", () => {
  test("each quantile is the smallest value that so many values do not exceed", () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(quantilesOf(values)).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  });

  test("numbers are ordered as numbers, and one slow call in a hundred is the maximum only", () => {
    const values = [...Array.from({ length: 99 }, () => 9), 1_000];
    expect(quantilesOf(values)).toEqual({ count: 100, p50: 9, p99: 9, max: 1_000 });
  });

  test("nothing measured is no number", () => {
    expect(quantilesOf([])).toEqual({ count: 0, p50: Number.NaN, p99: Number.NaN, max: Number.NaN });
  });
});
