/** A time as it was written, before any zone is known. */
export interface WrittenTime {
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  /** 1–31. */
  readonly day: number;
  /** Milliseconds into the local day; null = a date alone. */
  readonly msOfDay: number | null;
  /** Offset written with it, ms east of UTC; null = local. */
  readonly offsetMs: number | null;
}

/** Milliseconds since the epoch, or a time yet to be placed. */
export type TimeRead = number | WrittenTime | null;

/** Null for a time no clock shows. A leap second counts as the second before it. */
export function msOfDayOf(hour: number, minute: number, second: number, ms: number): number | null {
  if (hour > 23 || minute > 59 || second > 60) return null;
  return ((hour * 60 + minute) * 60 + Math.min(second, 59)) * 1000 + ms;
}

/** `Z`, `+01`, `+0130`, `-03:30` as ms east of UTC. */
export function offsetMsOf(text: string): number {
  if (text === "Z" || text === "z") return 0;
  const digits = text.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (text.startsWith("-") ? -minutes : minutes) * 60_000;
}
