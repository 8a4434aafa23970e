import { expect, it } from "vitest";
import { neighbours } from "./purge.ts";

const one = (segment: number) => ({ first: segment, last: segment });

it("segments next to each other are purged together, a few at a time, and each once", () => {
  const segments = [one(7), one(1), one(2), one(3), { first: 4, last: 5 }, one(9), one(10)];
  expect(neighbours(segments)).toEqual([{ first: 1, last: 5 }, one(7), { first: 9, last: 10 }]);
  const seventeen = Array.from({ length: 17 }, (_, segment) => one(segment));
  expect(neighbours(seventeen)).toEqual([{ first: 0, last: 15 }, one(16)]);
  // What lies before it holds nothing: there may be any number of those.
  expect(neighbours([{ first: 0, last: 900 }, one(901)])).toEqual([{ first: 0, last: 900 }, one(901)]);
});
