import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDayCalendar, DAY_MS } from "./day-calendar.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Africa/Cairo",
  "America/Sao_Paulo",
  "Pacific/Apia",
  "Pacific/Kiritimati",
];

describe.each(ZONES)("%s", (timeZone) => {
  const calendar = createDayCalendar(timeZone);
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const anyInstant = fc.oneof(
    fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }),
    // Around midnight and the changes of the clock.
    fc
      .tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: -50_000_000, max: 50_000_000 }))
      .map(([day, ms]) => {
        return Math.max(0, day * DAY_MS + ms);
      }),
  );

  test("the day of an instant is the date that Intl says", () => {
    fc.assert(
      fc.property(anyInstant, (at) => {
        expect(calendar.dayOf(at)).toBe(Date.parse(`${format.format(at)}T00:00:00Z`) / DAY_MS);
      }),
      { numRuns: 300 },
    );
  });

  test("a day ends at the first instant of a later one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40_000 }), (day) => {
        const end = calendar.endOf(day);
        expect(calendar.dayOf(end)).toBeGreaterThan(day);
        expect(calendar.dayOf(end - 1)).toBeLessThanOrEqual(day);
        expect(calendar.endOf(day)).toBe(end);
      }),
      { numRuns: 100 },
    );
  });
});

test("a day with a change of the clock has 23 or 25 hours", () => {
  const { endOf } = createDayCalendar("Europe/Berlin");
  const spring = Date.UTC(2025, 2, 30) / DAY_MS;
  const autumn = Date.UTC(2025, 9, 26) / DAY_MS;
  expect(endOf(spring) - endOf(spring - 1)).toBe(23 * 3_600_000);
  expect(endOf(autumn) - endOf(autumn - 1)).toBe(25 * 3_600_000);
});

test("a time zone that is none is refused", () => {
  expect(() => createDayCalendar("Mars/Olympus")).toThrow(RangeError);
});
