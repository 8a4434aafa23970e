import fc from "fast-check";
import { expect, it } from "vitest";
import { customerCounter } from "./customer-count.ts";

it("counts each customer once", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 5000 }), (ids) => {
      const counter = customerCounter();
      for (const id of ids) counter.add(id);
      expect(counter.count).toBe(new Set(ids).size);
    }),
    { numRuns: 30 },
  );
});

it("counts tens of thousands exactly", () => {
  const counter = customerCounter();
  for (let i = 0; i < 100_000; i += 1) counter.add(`c${i % 40_000}`);
  expect(counter.count).toBe(40_000);
});
