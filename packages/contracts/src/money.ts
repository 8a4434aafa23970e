/** Bound of one amount, minor units, either way: sums of thousands of them are still exact. */
export const AMOUNT_MINOR_MAX = 1e12;

export type ParsedAmount =
  | { readonly ok: true; readonly amountMinor: number }
  | { readonly ok: false; readonly code: AmountCode; readonly message: string };

export type AmountCode = "AMOUNT_INVALID" | "AMOUNT_TOO_PRECISE" | "AMOUNT_OUT_OF_RANGE" | "CURRENCY_UNKNOWN";

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));
const digitsByCurrency = new Map<string, number>();

/** Whether Intl knows an ISO 4217 code (upper case). */
export function isCurrency(currency: string): boolean {
  return CURRENCIES.has(currency);
}

/**
 * Decimal places of a currency's minor unit: EUR 2, JPY 0, BHD 3.
 * @throws RangeError if Intl does not know the currency
 */
export function minorDigits(currency: string): number {
  let digits = digitsByCurrency.get(currency);
  if (digits === undefined) {
    if (!isCurrency(currency)) throw new RangeError("not a currency that Intl knows");
    const format = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
    digits = format.maximumFractionDigits ?? 2;
    digitsByCurrency.set(currency, digits);
  }
  return digits;
}

/**
 * Reads a plain decimal ("-1234.5", "+.99"; no exponent, no separator of thousands) as minor units, exactly: no
 * floating-point number is involved.
 * @returns −10^12 ≤ amountMinor ≤ 10^12, or a refusal that does not quote the text
 */
export function parseAmount(text: string, currency: string): ParsedAmount {
  if (!isCurrency(currency)) return refuse("CURRENCY_UNKNOWN", "not a currency known by its ISO 4217 code");
  const match = text.length <= TEXT_CHARACTERS_MAX ? PLAIN_DECIMAL.exec(text.trim()) : null;
  if (match === null) return refuse("AMOUNT_INVALID", "not a plain decimal number such as 1234.50");
  const [, sign = "", whole = "", fraction = ""] = match;
  if (whole === "" && fraction === "") {
    return refuse("AMOUNT_INVALID", "not a plain decimal number such as 1234.50");
  }
  const digits = minorDigits(currency);
  if (!/^0*$/.test(fraction.slice(digits))) {
    return refuse("AMOUNT_TOO_PRECISE", `more than the ${digits} decimal places of the currency`);
  }
  const minor = `${whole}${fraction.slice(0, digits).padEnd(digits, "0")}`.replace(/^0+/, "");
  const amountMinor = minor.length <= AMOUNT_DIGITS_MAX ? Number(minor) : Infinity;
  if (amountMinor > AMOUNT_MINOR_MAX) {
    return refuse("AMOUNT_OUT_OF_RANGE", "more than 10^12 minor units");
  }
  return { ok: true, amountMinor: sign === "-" && amountMinor !== 0 ? -amountMinor : amountMinor };
}

const PLAIN_DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const TEXT_CHARACTERS_MAX = 64;
const AMOUNT_DIGITS_MAX = String(AMOUNT_MINOR_MAX).length;

function refuse(code: AmountCode, message: string): ParsedAmount {
  return { ok: false, code, message };
}
