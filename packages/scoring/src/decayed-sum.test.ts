import fc from "fast-check";
import { expect, test } from "vitest";
import { addDecayed, decayed } from "./decayed-sum.ts";

const HALF_LIFE = 1_000;

test("a term is worth half after a half-life, and all of it before its own time", () => {
  expect(decayed(8, HALF_LIFE, HALF_LIFE)).toBe(4);
  expect(decayed(8, -HALF_LIFE, HALF_LIFE)).toBe(8);
});

test("the sum does not depend on the order of its terms", () => {
  const anyTerms = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 20_000 }), value: fc.double({ min: 0.1, max: 10, noNaN: true }) }),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(anyTerms, (terms) => {
      const last = Math.max(...terms.map(({ at }) => at));
      const expected = terms.reduce((sum, { at, value }) => sum + value * 2 ** ((at - last) / HALF_LIFE), 0);
      let sum = 0;
      let sumAt = 0;
      for (const { at, value } of terms) {
        sum = addDecayed(sum, sumAt, value, at, HALF_LIFE);
        sumAt = Math.max(sumAt, at);
      }
      expect(Math.abs(sum / expected - 1)).toBeLessThan(1e-12);
    }),
  );
});
