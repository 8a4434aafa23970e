import { expect, test } from "vitest";
import { carryError, revivedError } from "./carried-error.ts";
import { InvariantBroken, VersionTooNew } from "./errors.ts";

const across = (error: unknown): Error => revivedError(structuredClone(carryError(error)));

test.each([
  new VersionTooNew("partition 1 was worked on by newer code"),
  new InvariantBroken("offsets rise"),
  Object.assign(new TypeError("of no class of ours"), { code: "REGISTRY_UNREADABLE" }),
  new RangeError("without a code"),
])("an error arrives with class, code, message, stack and cause: %s", (error) => {
  error.cause = new VersionTooNew("why", { cause: "something else" });
  const arrived = across(error);
  expect(arrived.stack).toBe(error.stack);
  expect(arrived.cause).toBeInstanceOf(VersionTooNew);
  expect((arrived.cause as Error).cause).toMatchObject({ message: "something else" });
  expect(`${arrived.name} ${arrived.message}`).toBe(`${error.name} ${error.message}`);
  expect("code" in arrived ? arrived.code : null).toBe("code" in error ? error.code : null);
  expect(arrived).toBeInstanceOf(error.constructor);
});

test("what is no error arrives as one, and causes that go round come to an end", () => {
  expect(across("text")).toMatchObject({ message: "text" });
  const round = new Error("round");
  round.cause = round;
  expect(across(round)).toMatchObject({ message: "round" });
});
