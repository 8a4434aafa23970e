import { expect, test } from "vitest";
import { frequencies } from "./repeat-purchases.ts";

test("small counts have a group a number, the last for all from seven on", () => {
  const groups = frequencies([0, 0, 0, 1, 1, 2, 9], (n) => 10 - n);
  expect(groups.map(({ label }) => label)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10+"]);
  expect(frequencies([...Array.from({ length: 50 }, () => 0), 3, 9], () => 1)).toEqual([
    { label: "0", actual: 50, expected: 1 },
    { label: "1", actual: 0, expected: 1 },
    { label: "2", actual: 0, expected: 1 },
    { label: "3", actual: 1, expected: 1 },
    { label: "4", actual: 0, expected: 1 },
    { label: "5", actual: 0, expected: 1 },
    { label: "6", actual: 0, expected: 1 },
    { label: "7+", actual: 1, expected: 45 },
  ]);
});

test("large counts share groups, of which at most the last tenth is left to the last one", () => {
  // 1,000 customers with 0 to 999: 1 a number, of which the model knows.
  const counts = Array.from({ length: 1000 }, (_, n) => n).reverse();
  const asked: number[] = [];
  const groups = frequencies(counts, (n) => {
    asked.push(n);
    return n < 1000 ? 1 : 0;
  });
  expect(groups.slice(0, 3)).toEqual([
    { label: "0", actual: 1, expected: 1 },
    { label: "1–50", actual: 50, expected: 50 },
    { label: "51–100", actual: 50, expected: 50 },
  ]);
  expect(groups.at(-1)).toEqual({ label: "901+", actual: 99, expected: 99 });
  expect(groups.length).toBe(20);
  // Wide groups are asked for some of their numbers, evenly.
  expect(asked.slice(1, 11)).toEqual([3, 8, 13, 18, 23, 28, 33, 38, 43, 48]);
});
