import { expect, test } from "vitest";
import { StoredNames } from "./stored-names.ts";

test("N1: no name that was added is denied, whatever it is made of", () => {
  const names = new StoredNames();
  const added = ["", "\0marker", "customer 1", "é", "😀", "\u{10FFFF}", "a".repeat(1_000)];
  for (let id = 0; id < 300_000; id++) added.push(`customer ${id}`);
  for (const name of added) names.add(name);
  expect(added.filter((name) => !names.mayHold(name))).toEqual([]);
});

test("of names that were not added few are taken for held, none before the first", () => {
  const names = new StoredNames();
  const others = Array.from({ length: 100_000 }, (_, id) => `other ${id}`);
  const heldOf = (): number => others.filter((name) => names.mayHold(name)).length;
  expect(heldOf()).toBe(0);
  for (let id = 0; id < 250_000; id++) names.add(`customer ${id}`);
  expect(heldOf()).toBeGreaterThan(0);
  expect(heldOf()).toBeLessThan(0.02 * others.length);
});
