/** Numbers, money and times as the page shows them. */

const whole = new Intl.NumberFormat("en");
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const finePercent = new Intl.NumberFormat("en", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const signed = new Intl.NumberFormat("en", {
  signDisplay: "always",
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
const dayTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** @param {number} value */
export const formatCount = (value) => whole.format(value);
/** @param {number | null} value */
export const formatPercent = (value) => (value === null ? "–" : percent.format(value));
/** @param {number | null} value */
export const formatFinePercent = (value) => (value === null ? "–" : finePercent.format(value));
/** @param {number} value a share of a logit */
export const formatLogit = (value) => signed.format(value).replace("-", "−");
/** @param {number} value */
export const formatShort = (value) => short.format(value);
/** @param {string | null} iso */
export const formatMoment = (iso) => (iso === null ? "–" : `${moment.format(new Date(iso))} UTC`);
/** @param {string} iso */
export const formatDayTime = (iso) => dayTime.format(new Date(iso)).replace(",", "");

/** @type {Map<string, Intl.NumberFormat>} */
const currencies = new Map();

/**
 * @param {number} minor integer minor units
 * @param {string} currency ISO 4217
 */
export function formatMoney(minor, currency) {
  let format = currencies.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    currencies.set(currency, format);
  }
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** @type {Map<string, Intl.NumberFormat>} */
const wholeCurrencies = new Map();

/**
 * Money of a whole base, in three figures, and in thousands or millions where it is much.
 * @param {number} minor integer minor units
 * @param {string} currency ISO 4217
 */
export function formatWholeMoney(minor, currency) {
  let format = wholeCurrencies.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      notation: "compact",
      maximumSignificantDigits: 3,
    });
    wholeCurrencies.set(currency, format);
  }
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return format.format(minor / 10 ** digits);
}

/** @param {string} word */
export const capitalise = (word) => word.charAt(0).toUpperCase() + word.slice(1);
