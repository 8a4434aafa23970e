import { expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

test("work begins when the one before it has ended, also where that failed, and each is told its own outcome", async () => {
  const inTurn = oneAtATime();
  const first = Promise.withResolvers<string>();
  const begun: string[] = [];
  const outcomes = Promise.allSettled([
    inTurn(() => (begun.push("first"), first.promise)),
    inTurn(() => (begun.push("second"), Promise.resolve("second"))),
  ]);
  await Promise.resolve();
  expect(begun).toEqual(["first"]);
  first.reject(new Error("of the first"));
  expect(await outcomes).toMatchObject([
    { status: "rejected", reason: { message: "of the first" } },
    { status: "fulfilled", value: "second" },
  ]);
  expect(begun).toEqual(["first", "second"]);
});
