import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noStatus, type ProcessorStatus } from "./processor-status.ts";
import { startStatusFeed, type StatusFeed } from "./status-feed.ts";

let now: { -readonly [Name in keyof ProcessorStatus]: ProcessorStatus[Name] };
let told: ProcessorStatus[];
let feed: StatusFeed;

beforeEach(() => {
  vi.useFakeTimers();
  now = { ...noStatus(), ready: true };
  told = [];
  feed = startStatusFeed(now, (status) => told.push(status));
  vi.advanceTimersByTime(1_000);
  told = [];
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

test("a task's new state is told at once, and turns at most every 10 ms", () => {
  now.lagRecords = 1;
  feed.progress("state");
  expect(told.map(({ lagRecords }) => lagRecords)).toEqual([1]);
  for (let ms = 0; ms < 100; ms += 1) {
    now.lagRecords += 1;
    feed.progress("turn");
    vi.advanceTimersByTime(1);
  }
  expect(told.length).toBeGreaterThan(8);
  expect(told.length).toBeLessThan(13);
  vi.advanceTimersByTime(10);
  expect(told.at(-1)?.lagRecords).toBe(101);
});

test("what changes without a turn is found too, soon while not ready; what does not change is not told again", () => {
  now.lagRecords = 7;
  vi.advanceTimersByTime(100);
  expect(told.map(({ lagRecords }) => lagRecords)).toEqual([7]);
  now.ready = false;
  vi.advanceTimersByTime(100);
  now.ready = true;
  vi.advanceTimersByTime(10);
  expect(told.map(({ ready }) => ready)).toEqual([true, false, true]);
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveLength(3);
});

test("a task that is let go of, or comes anew, is told", () => {
  const task = { partition: 3 } as ProcessorStatus["tasks"][number];
  now.tasks = [task];
  vi.advanceTimersByTime(100);
  now.tasks = [];
  vi.advanceTimersByTime(100);
  now.tasks = [task];
  vi.advanceTimersByTime(100);
  expect(told.map(({ tasks }) => tasks.length)).toEqual([1, 0, 1]);
});

test("the last word is told when it closes, and nothing after it", () => {
  now.ready = false;
  feed.close();
  expect(told.map(({ ready }) => ready)).toEqual([false]);
  now.lagRecords = 1;
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(1);
});
