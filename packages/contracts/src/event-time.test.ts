import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkEventTime, EVENT_AHEAD_MS_MAX, EVENT_CLAMPED_MS_MAX, parseInstant, TIME_MS_MAX } from "./event-time.ts";

const NOW = Date.UTC(2026, 0, 1);

describe("an event's time", () => {
  test.each([
    ["long ago", 0, "as-is"],
    ["now", NOW, "as-is"],
    ["a day ahead", NOW + EVENT_AHEAD_MS_MAX, "as-is"],
    ["a millisecond more", NOW + EVENT_AHEAD_MS_MAX + 1, "clamped"],
    ["seven days ahead", NOW + EVENT_CLAMPED_MS_MAX, "clamped"],
    ["a millisecond more than that", NOW + EVENT_CLAMPED_MS_MAX + 1, "refused"],
    ["before 1970", -1, "refused"],
    ["no number", Number.NaN, "refused"],
  ])("%s", (_, at, verdict) => {
    expect(checkEventTime(at, NOW)).toBe(verdict);
  });

  test("is never too far ahead where there is no reference, but for the year 9999", () => {
    expect(checkEventTime(TIME_MS_MAX, null)).toBe("as-is");
    expect(checkEventTime(TIME_MS_MAX + 1, null)).toBe("refused");
    expect(checkEventTime(-1, null)).toBe("refused");
  });
});

describe("an instant", () => {
  test.each([
    ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00:00.5+02:00", Date.UTC(2026, 0, 31, 10, 0, 0, 500)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["9999-12-31T23:59:59.999Z", TIME_MS_MAX],
    ["-000001-01-01T00:00:00Z", Date.UTC(-1, 0, 1)],
  ])("%s is read", (text, at) => {
    expect(parseInstant(text)).toBe(at);
  });

  test.each([
    "2026-02-30T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00",
    "2026-01-01",
    "01/02/2026",
    "2026-01-01T00:00:00Zjunk",
    "2026-01-01T00:00:00Z (so to speak)",
    " 2026-01-01T00:00:00Z",
    "",
    "1767225600000",
    "2".repeat(100_000),
  ])("%s is none", (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test("that Date writes is read as itself", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
