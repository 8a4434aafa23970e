import { emptyProfile } from "@tidemark/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { monthOf, monthText } from "../calendar-month.ts";
import { packDays } from "../day-list.ts";
import { concentrationOf } from "./concentration.ts";
import { MONTHS_MAX, MonthSums } from "./month-sums.ts";
import { NAME_MONTHS_MAX, NameMonths } from "./name-months.ts";
import { NameSums } from "./name-sums.ts";
import { boughtWithin, forEachLifeEvent, LIFE_EVENTS } from "./purchase-life.ts";
import { RevenueHistogram } from "./revenue-histogram.ts";

describe("months", () => {
  test("whatever months come in whatever order, those kept and those before add up, and running totals stay whole", () => {
    const change = fc.tuple(
      fc.integer({ min: 500, max: 700 }),
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: -3, max: 3 }),
    );
    fc.assert(
      fc.property(fc.array(change), fc.array(change), (first, second) => {
        const [one, other] = [new MonthSums(2), new MonthSums(2)];
        for (const [month, index, value] of first) one.add(month, index, value);
        for (const [month, index, value] of second) other.add(month, index, value);
        one.addAll(other);
        const newest = Math.max(0, ...[...first, ...second].map(([month]) => month));
        expect(one.first).toBe(Math.max(0, newest - MONTHS_MAX + 1));
        for (const index of [0, 1]) {
          const sum = (of: (month: number) => boolean): number =>
            [...first, ...second]
              .filter(([month, i]) => i === index && of(month))
              .reduce((total, [, , value]) => total + value, 0);
          expect(one.before(index)).toBe(sum((month) => month < one.first));
          for (let month = one.first; month <= newest; month++) {
            expect(one.at(month, index)).toBe(sum((m) => m === month));
          }
        }
      }),
    );
  });

  test("a day is in its month", () => {
    const day = (text: string): number => Date.parse(text) / 86_400_000;
    expect(
      ["1970-01-31", "1970-02-01", "2024-02-29", "2024-03-01", "2300-12-31"].map((text) =>
        monthText(monthOf(day(text))),
      ),
    ).toEqual(["1970-01", "1970-02", "2024-02", "2024-03", "2300-12"]);
  });
});

test("the first names have sums of their own, and an empty one keeps its place while any are among the others", () => {
  const names = new NameSums(1, 2);
  for (const name of ["a", "b", "c", "a"]) names.of(name)[0] = (names.of(name)[0] ?? 0) + 1;
  expect([...names.entries()].map(([name, [count]]) => [name, count])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(names.other[0]).toBe(1);
  names.of("b")[0] = 0;
  expect(names.save().names.map(([name]) => name)).toEqual(["a", "b"]);
  // Had it gone, "c" would take its place, and what is among the others would be taken from there.
  names.of("c")[0] = (names.of("c")[0] ?? 0) - 1;
  expect(names.other[0]).toBe(0);
  // Now nothing can be taken from the wrong place, and a name that one customer alone had is not kept.
  expect(names.save()).toEqual({ names: [["a", [2]]], other: [0] });
});

test("months of names are kept where the names have places, of all others together, and what is empty is not saved", () => {
  const places = new NameSums(1, 2);
  const months = new NameMonths(1, places);
  for (const name of ["a", "b", "c"]) {
    places.of(name)[0] = 1;
    months.of(name).add(600, 0, name.charCodeAt(0));
  }
  expect([months.get("a"), months.get("b"), months.get("c")].map((own) => own?.at(600, 0))).toEqual([
    97,
    98,
    undefined,
  ]);
  expect(months.other.at(600, 0)).toBe(99);
  expect(months.without(new Set(["a"])).at(600, 0)).toBe(98 + 99);
  months.of("a").add(600 + NAME_MONTHS_MAX, 0, 1);
  expect([months.of("a").before(0), months.of("a").at(600 + NAME_MONTHS_MAX, 0)]).toEqual([97, 1]);
  months.of("b").add(600, 0, -98);
  expect(months.save().names.map(([name]) => name)).toEqual(["a"]);

  const again = new NameMonths(1, places);
  again.load(months.save());
  expect(again.save()).toEqual(months.save());
  again.addAll(months);
  expect([again.of("a").before(0), again.other.at(600, 0)]).toEqual([2 * 97, 2 * 99]);
});

describe("a buyer's life", () => {
  const FIRST = Date.UTC(2024, 0, 10) / 86_400_000;
  const lifeOf = (days: readonly number[], fields: object = {}): string[] => {
    const entries = days.map((day) => ({ day: FIRST + day, count: 1, amountMinor: 5 }));
    const profile = {
      ...emptyProfile("c"),
      purchaseDays: days.length,
      firstDay: FIRST,
      days: packDays(entries),
      ...fields,
    };
    const events: string[] = [];
    forEachLifeEvent(profile, 90, (month, index) => events.push(`${monthText(month)} ${LIFE_EVENTS[index] ?? ""}`));
    return events;
  };

  test("lapses 90 days after a purchase, unless the next is by then", () => {
    expect(lifeOf([0])).toEqual(["2024-01 acquired", "2024-04 lapsed"]);
    expect(lifeOf([0, 90])).toEqual(["2024-01 acquired", "2024-07 lapsed"]);
    expect(lifeOf([0, 91])).toEqual(["2024-01 acquired", "2024-04 lapsed", "2024-04 returned", "2024-07 lapsed"]);
    expect(lifeOf([], { purchaseDays: 0 })).toEqual([]);
  });

  test("between days that were folded nobody lapses, after them one may", () => {
    const folded = { foldedDays: 3, foldedThrough: FIRST + 300, purchaseDays: 4 };
    expect(lifeOf([310], folded)).toEqual(["2024-01 acquired", "2025-02 lapsed"]);
    expect(lifeOf([400], folded)).toEqual(["2024-01 acquired", "2025-02 lapsed", "2025-02 returned", "2025-05 lapsed"]);
  });

  test("bought within some days, both ends included", () => {
    const days = packDays([{ day: 100, count: 1, amountMinor: 0 }]);
    expect(
      [
        [100, 110],
        [90, 100],
        [101, 110],
        [90, 99],
      ].map(([from = 0, to = 0]) => boughtWithin(days, from, to)),
    ).toEqual([true, true, false, false]);
  });
});

describe("concentration", () => {
  test("is that of the revenues themselves, within a hundredth, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 50, maxLength: 300 }), (revenues) => {
        const histogram = new RevenueHistogram();
        for (const revenue of revenues) histogram.add(revenue, 1);
        histogram.add(77, 1);
        histogram.add(77, -1);
        const sorted = revenues.toSorted((a, b) => b - a);
        const total = sorted.reduce((sum, revenue) => sum + revenue, 0);
        const { topFifthShare, gini } = concentrationOf(histogram);
        // A fifth of them, the one it falls on in part.
        const fifth = sorted.length / 5;
        const whole = Math.floor(fifth);
        const made =
          sorted.slice(0, whole).reduce((sum, revenue) => sum + revenue, 0) + (fifth - whole) * (sorted[whole] ?? 0);
        expect(Math.abs((topFifthShare ?? NaN) - made / total)).toBeLessThan(0.01);
        let pairs = 0;
        for (const one of sorted) for (const other of sorted) pairs += Math.abs(one - other);
        expect(Math.abs((gini ?? NaN) - pairs / (2 * sorted.length * total))).toBeLessThan(0.005);
      }),
      { numRuns: 40 },
    );
  });

  test("where nobody paid there is none, and what was given back is no revenue below 0", () => {
    const histogram = new RevenueHistogram();
    expect(concentrationOf(histogram).gini).toBeNull();
    histogram.add(-500, 1);
    histogram.add(0, 1);
    expect(concentrationOf(histogram)).toEqual({ topFifthShare: null, gini: null, classes: null });
  });

  test("ABC: the fewest who make 80 %, those up to 95 %, the rest", () => {
    const histogram = new RevenueHistogram();
    for (const revenue of [8_000, 1_500, 100, 100, 100, 100, 100]) histogram.add(revenue, 1);
    const { classes } = concentrationOf(histogram);
    expect(classes?.a).toBeCloseTo(1 / 7, 6);
    expect(classes?.b).toBeCloseTo(1 / 7, 6);
    expect(classes?.c).toBeCloseTo(5 / 7, 6);
  });
});
