import { expect, test } from "vitest";
import type { EventLog, Slice } from "./event-log.ts";
import { readToEnd } from "./read-to-end.ts";

const PLACE = { topic: "t", partition: 0 };

test("all is read, in order, up to the end at the start, also of a log that has nothing to give for a moment", async () => {
  const { log, asked } = scriptedLog({ start: 2, end: 6 }, [3, 3, 4, 9]);
  const { signal } = new AbortController();
  const reached: number[] = [];
  for await (const { offsetNext } of readToEnd(log, PLACE, { bytesMax: 10, signal })) reached.push(offsetNext);
  expect(asked).toEqual([2, 3, 3, 4]);
  expect(reached).toEqual([3, 3, 4, 9]);
});

test("from an offset on, and nothing where that is the end", async () => {
  const { log, asked } = scriptedLog({ start: 2, end: 6 }, [6]);
  const { signal } = new AbortController();
  for await (const _ of readToEnd(log, PLACE, { from: 5, bytesMax: 10, signal }));
  for await (const _ of readToEnd(log, PLACE, { from: 6, bytesMax: 10, signal }));
  expect(asked).toEqual([5]);
});

test("an abort ends it with its reason, not as if that had been all", async () => {
  const { log } = scriptedLog({ start: 0, end: 6 }, [3, 6]);
  const stop = new AbortController();
  const read = async (): Promise<void> => {
    for await (const _ of readToEnd(log, PLACE, { bytesMax: 10, signal: stop.signal })) stop.abort("enough");
  };
  await expect(read()).rejects.toBe("enough");
});

/** @param reached what each fetch brings one to */
function scriptedLog(range: { readonly start: number; readonly end: number }, reached: number[]) {
  const asked: number[] = [];
  const log: Pick<EventLog, "offsets" | "fetch"> = {
    offsets: () => Promise.resolve(range),
    fetch([position]) {
      asked.push(position?.offset ?? -1);
      const offsetNext = reached.shift() ?? range.end;
      const slice: Slice = { ...PLACE, records: [], offsetNext, offsetEnd: range.end, completeTo: 0 };
      return Promise.resolve([slice]);
    },
  };
  return { log, asked };
}
