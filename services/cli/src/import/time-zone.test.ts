import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, timeZone } from "./time-zone.ts";

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe"];
const instant = fc.integer({ min: Date.UTC(1971, 0, 2), max: Date.UTC(2035, 0, 1) });

/** The local day by Intl alone. */
function localDay(at: number, zone: string): number {
  return Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at)) / DAY_MS;
}

describe("a time zone", () => {
  it("knows the local day of any instant", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (name, at) => {
        expect(timeZone(name).dayOf(at)).toBe(localDay(at, name));
      }),
    );
  });

  it("ends a day with its last millisecond, whatever its length", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (name, at) => {
        const zone = timeZone(name);
        const end = zone.dayEnd(zone.dayOf(at));
        expect(end).toBeGreaterThanOrEqual(at);
        expect(localDay(end, name)).toBe(localDay(at, name));
        expect(localDay(end + 1, name)).toBe(localDay(at, name) + 1);
      }),
    );
  });

  it.each([
    ["Europe/Berlin", "2024-03-31", 23],
    ["Europe/Berlin", "2024-10-27", 25],
    ["Europe/Berlin", "2024-06-01", 24],
    ["Australia/Lord_Howe", "2024-04-07", 24.5],
    // Clocks went from 24:00 back to 23:00, and from 24:00 forward to 01:00.
    ["America/Sao_Paulo", "2018-02-17", 25],
    ["America/Sao_Paulo", "2018-11-04", 23],
  ])("%s on %s has %d hours", (name, date, hours) => {
    const zone = timeZone(name);
    const day = Date.parse(date) / DAY_MS;
    expect((zone.dayEnd(day) - zone.dayEnd(day - 1)) / 3_600_000).toBe(hours);
  });

  it("takes a local time that occurs twice for the earlier, and one in a gap for as long after it", () => {
    const berlin = timeZone("Europe/Berlin");
    expect(berlin.instantOf(Date.UTC(2024, 9, 27, 2, 30))).toBe(Date.UTC(2024, 9, 27, 0, 30));
    expect(berlin.instantOf(Date.UTC(2024, 2, 31, 2, 30))).toBe(Date.UTC(2024, 2, 31, 1, 30));
  });
});
