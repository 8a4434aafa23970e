import type { Reason } from "@tidemark/contracts";

/** What an evidence is called in words; "?" where it is missing. */
type Evidence = number | undefined;

/** Cut off, but for what a day lacks whose end is told by its last millisecond: a score as of then counts it. */
export function whole(value: Evidence): string {
  return value === undefined ? "?" : String(Math.floor(value + LAST_MS_DAYS));
}

/** A millisecond in days, and another one for what rounding takes. */
const LAST_MS_DAYS = 2 / 86_400_000;

export function percent(share: Evidence): string {
  return share === undefined ? "?" : `${(share * 100).toFixed(0)} %`;
}

/** English: the number with the noun, in its singular for one. */
export function count(value: Evidence, one: string, many: string): string {
  const text = whole(value);
  return `${text} ${text === "1" ? one : many}`;
}

/** English. */
export function days(value: Evidence): string {
  return count(value, "day", "days");
}

/** English: a time that has passed, which may be shorter than a day. */
export function daysLong(value: Evidence): string {
  return whole(value) === "0" ? "less than a day" : days(value);
}

export function daysLongInChinese(value: Evidence): string {
  return whole(value) === "0" ? "不到 1 天" : `${whole(value)} 天`;
}

/** Chinese: so long ago, to follow a preposition. */
export function agoInChinese(value: Evidence): string {
  return `${spacedInChinese(value)}前`;
}

/** Chinese: so long from now, to follow a preposition. */
export function afterInChinese(value: Evidence): string {
  return `${spacedInChinese(value)}后`;
}

/** Between characters a figure stands apart, a word does not. */
function spacedInChinese(value: Evidence): string {
  const long = daysLongInChinese(value);
  return /^\d/u.test(long) ? ` ${long}` : long;
}

export function riskDirection({ logit }: Reason): string {
  return logit < 0 ? "lower risk" : "higher risk";
}

export function riskDirectionInChinese({ logit }: Reason): string {
  return logit < 0 ? "风险较低" : "风险较高";
}
