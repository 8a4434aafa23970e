import { expect, test } from "vitest";
import { LatencyMatch } from "./latency-match.ts";

test("each event is in the first score whose version counts it, in whatever order they are read", () => {
  const latencies: (readonly [number, number])[] = [];
  const match = new LatencyMatch((appendedAt, latencyMs) => latencies.push([appendedAt, latencyMs]));
  match.event("a", 100);
  match.score("a", 1, 110);
  match.event("a", 120);
  match.event("a", 125);
  match.event("b", 130);
  expect(match.open).toBe(3);
  match.score("a", 3, 160);
  match.score("b", 2, 170); // Read before its second event.
  match.event("b", 150);
  match.score("b", 3, 190);
  match.event("b", 180);
  expect(latencies).toEqual([
    [100, 10],
    [120, 40],
    [125, 35],
    [130, 40],
    [150, 20],
    [180, 10],
  ]);
  expect(match.open).toBe(0);
});
