import { expect, test } from "vitest";
import { baseCollector } from "./base-figures.ts";

test("quintiles, classes of Pareto's rule and the rest are those worked out by hand", () => {
  const collector = baseCollector();
  // 80 of 100 in the first two, 95 with the third; half of the customers have no second purchase day.
  const revenues = [5_000, 3_000, 1_500, 300, 100, 50, 30, 10, 6, 4];
  for (const [i, revenue365] of revenues.entries()) {
    const values = {
      revenue365,
      frequency: i + 1,
      purchaseCycle: i % 2 === 0 ? 10 * i : null,
      preferredChannel: "shop",
    };
    collector.add(`c${i}`, values, [`category-${i % 3}`]);
  }
  const figures = collector.figures(7, 100);
  expect(figures).toMatchObject({
    asOf: 7,
    revenueMajor: 100,
    abcFromMajor: { a: 30, b: 15 },
    categories: 3,
    quantiles: { frequency: [3, 5, 7, 9], purchaseCycle: [20, 40, 60, 80] },
  });
  expect(figures?.quantiles).not.toHaveProperty("preferredChannel");
  expect(figures?.quantiles).not.toHaveProperty("csat");
});

test("without a purchase in the trailing year there is no base, and refunds beyond purchases take nothing off it", () => {
  const collector = baseCollector();
  collector.add("c1", { revenue365: null }, []);
  expect(collector.figures(0, 100)).toBe(null);
  collector.add("c2", { revenue365: -500 }, []);
  expect(collector.figures(0, 100)).toBe(null);
  collector.add("c3", { revenue365: 1_000 }, []);
  expect(collector.figures(0, 100)).toMatchObject({ revenueMajor: 10, categories: 1 });
});

test("of a large base quantiles are of a sample, and hardly others", () => {
  const collector = baseCollector();
  for (let i = 0; i < 120_000; i++) collector.add(`customer-${i}`, { revenue365: i + 1, frequency: i }, []);
  const figures = collector.figures(0, 1);
  expect(figures?.revenueMajor).toBe((120_000 * 120_001) / 2);
  const cuts = figures?.quantiles["frequency"] ?? [];
  expect(cuts.length).toBe(4);
  for (const [i, cut] of cuts.entries()) expect(Math.abs(cut - 24_000 * (i + 1))).toBeLessThan(1_500);
});
