import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { monthlyIndex, seasonColumns, seasonHarmonics } from "./season.ts";

interface Fixtures {
  readonly season: readonly { readonly day: number; readonly horizonDays: number; readonly terms: readonly number[] }[];
}

const file = readFileSync(new URL("../fixtures/regression.json", import.meta.url), "utf8");
const { season: fixtures } = JSON.parse(file) as Fixtures;

test.each(fixtures)("from day $day over $horizonDays days the terms are the integrals' within 1e-9", (expected) => {
  const terms = seasonHarmonics(expected.day, { horizonDays: expected.horizonDays, harmonics: 3 });
  expect(terms.length).toBe(6);
  for (const [j, term] of terms.entries()) expect(Math.abs(term - (expected.terms[j] ?? NaN))).toBeLessThan(1e-9);
});

test("columns hold the terms of each day", () => {
  const window = { horizonDays: 90, harmonics: 2 };
  const columns = seasonColumns([0, 100], window);
  expect(columns.map((column) => column[1])).toEqual(seasonHarmonics(100, window));
  expect(columns.map((column) => column[0])).toEqual(seasonHarmonics(0, window));
});

test("a year later the terms are the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: -20_000, max: 40_000 }), fc.integer({ min: 0, max: 800 }), (day, horizonDays) => {
      const window = { horizonDays, harmonics: 2 };
      const later = seasonHarmonics(day + 365.2425, window);
      for (const [j, term] of seasonHarmonics(day, window).entries()) expect(later[j]).toBeCloseTo(term, 9);
    }),
  );
});

test("an index is a month's rate over the rate of the whole", () => {
  // January at 2 a day, December at 4, the rest at nothing known: 2.5 a day over the whole.
  const index = monthlyIndex([0, 11, 0], [40, 40, 20], [20, 10, 10]);
  expect(index[0]).toBeCloseTo(60 / 30 / 2.5, 12);
  expect(index[11]).toBeCloseTo(40 / 10 / 2.5, 12);
  expect(index.slice(1, 11)).toEqual(Array.from({ length: 10 }, () => 1));
});

test("the mean of the indexes is 1, weighted by exposure", () => {
  const row = fc.tuple(
    fc.integer({ min: 0, max: 11 }),
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: 1, max: 90 }),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (some) => {
      const rows = [...some, [3, 5, 7] as const];
      const exposures = rows.map(([, , exposure]) => exposure);
      const index = monthlyIndex(
        rows.map(([month]) => month),
        rows.map(([, amount]) => amount),
        exposures,
      );
      const total = exposures.reduce((sum, exposure) => sum + exposure, 0);
      const mean = rows.reduce((sum, [month, , exposure]) => sum + (index[month] ?? NaN) * exposure, 0) / total;
      expect(mean).toBeCloseTo(1, 9);
    }),
  );
});

test("bad input is refused", () => {
  const window = { horizonDays: 90, harmonics: 1 };
  expect(() => seasonHarmonics(NaN, window)).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => seasonHarmonics(0, { ...window, harmonics: 0 })).toThrow(
    expect.objectContaining({ code: "OUT_OF_RANGE" }),
  );
  expect(() => seasonHarmonics(0, { ...window, horizonDays: -1 })).toThrow(
    expect.objectContaining({ code: "OUT_OF_RANGE" }),
  );
  expect(() => seasonColumns([], window)).toThrow(expect.objectContaining({ code: "EMPTY" }));
  expect(() => monthlyIndex([], [], [])).toThrow(expect.objectContaining({ code: "EMPTY" }));
  expect(() => monthlyIndex([0], [1, 2], [1])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(() => monthlyIndex([0], [1], [1, 2])).toThrow(expect.objectContaining({ code: "LENGTHS_DIFFER" }));
  expect(() => monthlyIndex([12], [1], [1])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => monthlyIndex([0.5], [1], [1])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => monthlyIndex([0], [-1], [1])).toThrow(expect.objectContaining({ code: "NEGATIVE" }));
  expect(() => monthlyIndex([0], [0], [1])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => monthlyIndex([0], [1], [0])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  expect(() => monthlyIndex([0, 1], [1, 1], [0, 1])).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
});
