import { expect, test } from "vitest";
import { seldom } from "./seldom.ts";

test("the first of a kind is told at once, and of what goes on one a minute", () => {
  let now = 5;
  const told: string[] = [];
  const tell = seldom({ monotonic: () => now });
  for (; now < 150_000; now += 500) {
    tell("one", () => told.push(`one ${now}`));
    if (now > 30_000) tell("other", () => told.push(`other ${now}`));
  }
  expect(told).toEqual(["one 5", "other 30005", "one 60005", "other 90005", "one 120005"]);
});
