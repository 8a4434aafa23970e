import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { type Clock, type EventLog, LogUnavailable, OffsetOutOfRange, type OffsetRange } from "@tidemark/streams";
import { expect, test } from "vitest";
import { type StreamSource, TopicTail } from "./topic-tail.ts";

test("a log that does not answer while the tail looks for what retention has left is asked again", async () => {
  const ranges: (OffsetRange | Error)[] = [{ start: 0, end: 3 }, new LogUnavailable("no answer"), { start: 7, end: 7 }];
  const log: Pick<EventLog, "offsets" | "fetch"> = {
    async offsets() {
      const next = ranges.shift();
      if (next === undefined || next instanceof Error) throw next ?? new Error("asked once more");
      return next;
    },
    async fetch([position], { signal }) {
      if ((position?.offset ?? 0) < 7) throw new OffsetOutOfRange("retention was faster");
      if (!signal.aborted) await once(signal, "abort");
      return [];
    },
  };
  const failures: unknown[] = [];
  const tail = new TopicTail({
    log: log as EventLog,
    clock: IMPATIENT,
    source: { topic: "scores" } as StreamSource,
    partitions: 1,
    onFailure: (error) => failures.push(error),
  });
  await tail.acquire();
  const gone = Promise.withResolvers<number>();
  tail.attach({ onItems: () => undefined, onGone: (_partition, offset) => gone.resolve(offset) });
  expect(await gone.promise).toBe(7);
  expect(tail.position).toEqual([7]);
  expect(failures).toEqual([new LogUnavailable("no answer")]);
  await tail.close();
});

const IMPATIENT: Clock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: () => setImmediate(),
  yield: () => setImmediate(),
};
