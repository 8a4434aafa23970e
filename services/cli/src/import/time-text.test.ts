import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDay, timeReader } from "./time-text.ts";
import { DAY_MS, timeZone } from "./time-zone.ts";

const utc = timeZone("UTC");
const berlin = timeZone("Europe/Berlin");
const anyInstant = fc.integer({ min: 0, max: Date.UTC(2199, 0, 1) });

describe("times without a pattern", () => {
  it("reads back every instant in every form that holds it", () => {
    const read = timeReader(berlin, null);
    fc.assert(
      fc.property(anyInstant, (at) => {
        const iso = new Date(at).toISOString();
        expect(read(iso)).toBe(at);
        expect(read(iso.replace("T", " ").replace("Z", "+00:00"))).toBe(at);
        const second = Math.floor(at / 1000) * 1000;
        expect(read(iso.replace(/\.\d+/u, ""))).toBe(second);
        if (at >= 1e11) expect(read(String(at))).toBe(at);
        if (at >= 1e11) expect(read(String(second / 1000))).toBe(second);
      }),
    );
  });

  it("takes a date alone for noon of that local day", () => {
    expect(timeReader(berlin, null)("2024-07-01")).toBe(Date.UTC(2024, 6, 1, 10));
    expect(timeReader(berlin, null)("20240101")).toBe(Date.UTC(2024, 0, 1, 11));
    expect(timeReader(utc, null)("19970101")).toBe(Date.UTC(1997, 0, 1, 12));
  });

  it("takes a time without offset as local, and one with as it says", () => {
    const read = timeReader(berlin, null);
    expect(read("2024-07-01T00:30")).toBe(Date.UTC(2024, 5, 30, 22, 30));
    expect(read("2024-07-01 00:30:15.5")).toBe(Date.UTC(2024, 5, 30, 22, 30, 15, 500));
    expect(read("2024-07-01T00:30:00-03:30")).toBe(Date.UTC(2024, 6, 1, 4));
  });

  it.each(
    [
      ["2024-02-30", "2023-02-29", "20240231", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-01T24:00"],
      ["2024-01-01T10:61", "01/02/2024", "yesterday", "", "1e9", "0x10", "-1", "12345", "NaN"],
    ].flat(),
  )("does not understand %j", (text) => {
    expect(timeReader(utc, null)(text)).toBeNull();
  });
});

describe("times by a pattern", () => {
  it.each([
    ["dd.MM.yyyy HH:mm", "05.02.2024 17:30", Date.UTC(2024, 1, 5, 17, 30)],
    ["M/d/yy h:mm a", "2/5/24 12:30 am", Date.UTC(2024, 1, 5, 0, 30)],
    ["M/d/yy h:mm a", "12/15/69 12:30 PM", Date.UTC(1969, 11, 15, 12, 30)],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2024-02-05T17:30:01.250+01:00", Date.UTC(2024, 1, 5, 16, 30, 1, 250)],
    ["MM/dd/yyyy", "02/05/2024", Date.UTC(2024, 1, 5, 12)],
    ["epoch-s", "1234.5", 1_234_500],
    ["epoch-ms", "1234", 1234],
  ])("%s reads %j", (pattern, text, at) => {
    expect(timeReader(utc, pattern)(text)).toBe(at);
  });

  it("understands nothing else then", () => {
    expect(timeReader(utc, "dd.MM.yyyy")("2024-02-05")).toBeNull();
    expect(timeReader(utc, "dd.MM.yyyy")("05x02x2024")).toBeNull();
    expect(timeReader(utc, "h:mm a dd.MM.yyyy")("13:00 pm 05.02.2024")).toBeNull();
  });

  it.each([
    ["HH:mm", "year"],
    ["yyyy-MM", "day"],
    ["yyyy-MM-dd q", "means nothing"],
    ["yyyy-MM-dd dd", "twice"],
    ["yyyy-MM-dd hh:mm", "need each other"],
    ["yyyy-MM-dd 'T", "quote"],
  ])("refuses the pattern %j and says why", (pattern, why) => {
    expect(() => timeReader(utc, pattern)).toThrow(why);
  });
});

describe("a day on the command line", () => {
  it("is a date alone", () => {
    expect(readDay("1997-09-30")).toBe(Date.UTC(1997, 8, 30) / DAY_MS);
    expect(readDay("19970930")).toBe(Date.UTC(1997, 8, 30) / DAY_MS);
    for (const text of ["1997-09-31", "1997-09-30T10:00", "tomorrow", "875577600"]) expect(readDay(text)).toBeNull();
  });
});
