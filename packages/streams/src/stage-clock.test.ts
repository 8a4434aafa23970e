import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { StageClock } from "./stage-clock.ts";
import { noStageTimes } from "./stages.ts";

test("the time worked is shared out by what the cohorts looked at took", () => {
  let now = 0;
  const clock = new StageClock({ monotonic: () => now } as Clock);
  const stages = noStageTimes();
  for (let cohort = 0; cohort < 100; cohort++) {
    clock.begin();
    now += 3;
    clock.lap("stateMs");
    now += 1;
    clock.lap("applyMs");
  }
  clock.share(stages, 1_000);
  expect(stages).toEqual({ ...noStageTimes(), stateMs: 750, applyMs: 250 });
});

test("a turn without keys shares nothing out", () => {
  const stages = noStageTimes();
  new StageClock({ monotonic: () => 0 } as Clock).share(stages, 5);
  expect(stages).toEqual(noStageTimes());
});
