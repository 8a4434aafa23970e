import { expect, test } from "vitest";
import { Reachability } from "./reachability.ts";

test("each time that a broker is away has one beginning and one end, whatever others do", () => {
  const told: string[] = [];
  const reachability = new Reachability({
    onUnreachable: (error) => void told.push(String(error)),
    onReachedAgain: (broker) => void told.push(`${broker} again`),
  });
  reachability.reached("a:1");
  for (let attempt = 0; attempt < 3; attempt++) reachability.failed("a:1", "a away");
  reachability.failed("b:1", "b away");
  reachability.reached("a:1");
  reachability.reached("a:1");
  reachability.failed("a:1", "a away");
  reachability.reached("b:1");
  expect(told).toEqual(["a away", "b away", "a:1 again", "a away", "b:1 again"]);
});
