import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AMOUNT_MINOR_MAX, isCurrency, minorDigits, parseAmount } from "./money.ts";

test("currencies have the minor digits Intl gives them", () => {
  expect(["EUR", "USD", "JPY", "BHD"].map(minorDigits)).toEqual([2, 2, 0, 3]);
  expect(() => minorDigits("XXL")).toThrow(RangeError);
  expect(["EUR", "eur", "", "constructor", "EURO"].map(isCurrency)).toEqual([true, false, false, false, false]);
});

describe("an amount", () => {
  test.each([
    ["11.77", "USD", 1_177],
    // 4.35 × 100 is 434.99999999999994 in floating point.
    ["4.35", "USD", 435],
    ["-1.5", "EUR", -150],
    ["+.99", "EUR", 99],
    ["7.", "EUR", 700],
    ["0", "EUR", 0],
    ["-0.00", "EUR", 0],
    [" 12 ", "JPY", 12],
    ["1.234", "BHD", 1_234],
    ["12.3400", "EUR", 1_234],
    ["0000000000000000000000001.00", "EUR", 100],
    ["10000000000.00", "EUR", AMOUNT_MINOR_MAX],
    ["-10000000000.00", "EUR", -AMOUNT_MINOR_MAX],
  ])("%j in %s is exact", (text, currency, amountMinor) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, amountMinor });
    expect(Object.is(amountMinor, -0)).toBe(false);
  });

  test.each([
    ["", "EUR", "AMOUNT_INVALID"],
    ["-", "EUR", "AMOUNT_INVALID"],
    [".", "EUR", "AMOUNT_INVALID"],
    ["1,234.50", "EUR", "AMOUNT_INVALID"],
    ["1e3", "EUR", "AMOUNT_INVALID"],
    ["0x10", "EUR", "AMOUNT_INVALID"],
    ["NaN", "EUR", "AMOUNT_INVALID"],
    ["$5", "EUR", "AMOUNT_INVALID"],
    ["٣", "EUR", "AMOUNT_INVALID"],
    ["1".repeat(100_000), "EUR", "AMOUNT_INVALID"],
    ["1.005", "EUR", "AMOUNT_TOO_PRECISE"],
    ["1.5", "JPY", "AMOUNT_TOO_PRECISE"],
    ["10000000000.01", "EUR", "AMOUNT_OUT_OF_RANGE"],
    ["99999999999999999999999999", "EUR", "AMOUNT_OUT_OF_RANGE"],
    ["1", "EURO", "CURRENCY_UNKNOWN"],
    ["1", "__proto__", "CURRENCY_UNKNOWN"],
  ])("%j in %s is refused as %s", (text, currency, code) => {
    expect(parseAmount(text, currency)).toMatchObject({ ok: false, code });
  });

  test("of minor units, written out and read again, is the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom("EUR", "JPY", "BHD"), (minor, currency) => {
        const digits = minorDigits(currency);
        const padded = String(Math.abs(minor)).padStart(digits + 1, "0");
        const whole = padded.slice(0, padded.length - digits);
        const text = `${minor < 0 ? "-" : ""}${whole}${digits === 0 ? "" : `.${padded.slice(-digits)}`}`;
        expect(parseAmount(text, currency)).toEqual({ ok: true, amountMinor: minor });
      }),
    );
  });
});
