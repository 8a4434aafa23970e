/** Months since 1970-01 of a local day. @param day days since 1970-01-01 */
export function monthOf(day: number): number {
  const known = KNOWN[day];
  if (known !== undefined && known >= 0) return known;
  const date = new Date(day * 86_400_000);
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  if (day >= 0 && day < KNOWN.length) KNOWN[day] = month;
  return month;
}

/** Of the days of 1970 to 2106, as they are asked for: a Date a day of each customer would be too dear. */
const KNOWN = new Int16Array(50_000).fill(-1);

/** `2026-01`. @param month months since 1970-01 */
export function monthText(month: number): string {
  return `${1970 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
}
