import { DAY_MS } from "../import/time-zone.ts";

/** Numbers and days as reports write them. */

/** `1997-09-30`, of days since 1970-01-01. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** `2,357`. */
export function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/** `29.0 %`; a dash where there is none. */
export function percent(share: number | null): string {
  return share === null ? NONE : `${(share * 100).toFixed(1)} %`;
}

/** Four decimals; a dash where there is none. */
export function figure(value: number | null): string {
  return value === null ? NONE : value.toFixed(4);
}

/** Lines of a table, its columns as wide as they need; all but the first are right-aligned. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)));
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

const NONE = "–";

/** What JSON has no word for (NaN, infinity) is null. */
export function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
