import { msOfDayOf, offsetMsOf, type TimeRead } from "./written-time.ts";

/**
 * Compiles a time pattern in the letters most tools share (Unicode TR 35): `yyyy`, `yy` (2000–2068, 1969–1999), `MM`,
 * `M`, `dd`, `d`, `HH`, `H`, `hh`, `h` with `a` (AM or PM), `mm`, `ss`, `SSS`, `XXX` (Z or +01:00); text in single
 * quotes and everything that is no letter stands for itself. `epoch-s` and `epoch-ms` are patterns of their own.
 *
 * @throws RangeError with what is wrong, if it lacks year, month or day or has a letter that means nothing here
 */
export function compileTimePattern(pattern: string): (text: string) => TimeRead {
  if (pattern === "epoch-s") {
    return (text) => (/^\d{1,11}(\.\d+)?$/u.test(text) ? Math.round(Number(text) * 1000) : null);
  }
  if (pattern === "epoch-ms") return (text) => (/^\d{1,14}$/u.test(text) ? Number(text) : null);

  const fields: Field[] = [];
  const source = pieces(pattern).map((piece) => {
    if (typeof piece === "string") return RegExp.escape(piece);
    if (fields.includes(piece.field)) throw new RangeError(`it names the ${piece.field} twice`);
    fields.push(piece.field);
    return `(${piece.expression})`;
  });
  for (const needed of ["year", "month", "day"] as const) {
    if (!fields.includes(needed)) throw new RangeError(`it lacks the ${needed}`);
  }
  if (fields.includes("hour12") !== fields.includes("half")) throw new RangeError("hh and a need each other");
  if (fields.includes("hour") && fields.includes("hour12")) throw new RangeError("it names the hour twice");
  const hasTime = fields.includes("hour") || fields.includes("hour12");
  const expression = new RegExp(`^${source.join("")}$`, "iu");

  return (text) => {
    const match = expression.exec(text);
    if (match === null) return null;
    const found = new Map(fields.map((field, index) => [field, match[index + 1] ?? ""]));
    const number = (field: Field): number => Number(found.get(field) ?? 0);
    const offset = found.get("offset");
    const msOfDay = hasTime ? msOfDayOf(hourOf(found), number("minute"), number("second"), number("ms")) : null;
    if (hasTime && msOfDay === null) return null;
    return {
      year: yearOf(found.get("year") ?? ""),
      month: number("month"),
      day: number("day"),
      msOfDay,
      offsetMs: offset === undefined ? null : offsetMsOf(offset),
    };
  };
}

type Field = "year" | "month" | "day" | "hour" | "hour12" | "half" | "minute" | "second" | "ms" | "offset";

interface Placeholder {
  readonly field: Field;
  readonly expression: string;
}

const placeholders: ReadonlyMap<string, Placeholder> = new Map([
  ["yyyy", { field: "year", expression: "\\d{4}" }],
  ["yy", { field: "year", expression: "\\d{2}" }],
  ["MM", { field: "month", expression: "\\d{2}" }],
  ["M", { field: "month", expression: "\\d{1,2}" }],
  ["dd", { field: "day", expression: "\\d{2}" }],
  ["d", { field: "day", expression: "\\d{1,2}" }],
  ["HH", { field: "hour", expression: "\\d{2}" }],
  ["H", { field: "hour", expression: "\\d{1,2}" }],
  ["hh", { field: "hour12", expression: "\\d{2}" }],
  ["h", { field: "hour12", expression: "\\d{1,2}" }],
  ["a", { field: "half", expression: "[AP]M" }],
  ["mm", { field: "minute", expression: "\\d{2}" }],
  ["ss", { field: "second", expression: "\\d{2}" }],
  ["SSS", { field: "ms", expression: "\\d{3}" }],
  ["XXX", { field: "offset", expression: "Z|[+-]\\d{2}:?\\d{2}" }],
]);

function pieces(pattern: string): (string | Placeholder)[] {
  const found = pattern.match(/'[^']*'|([a-zA-Z])\1*|[^a-zA-Z']+|'/gu) ?? [];
  return found.map((piece) => {
    if (piece === "'") throw new RangeError("a quote is not closed");
    if (piece === "''") return "'";
    if (piece.startsWith("'")) return piece.slice(1, -1);
    if (!/^[a-zA-Z]/u.test(piece)) return piece;
    const placeholder = placeholders.get(piece);
    if (placeholder === undefined) {
      throw new RangeError(`"${piece}" means nothing; known are ${[...placeholders.keys()].join(", ")}`);
    }
    return placeholder;
  });
}

function yearOf(digits: string): number {
  if (digits.length === 4) return Number(digits);
  const year = Number(digits);
  return year < 69 ? 2000 + year : 1900 + year;
}

/** 12 AM is 0, 12 PM is 12; 99 for a time no clock shows. */
function hourOf(found: ReadonlyMap<Field, string>): number {
  const half = found.get("half");
  if (half === undefined) return Number(found.get("hour") ?? 0);
  const hour = Number(found.get("hour12") ?? 0);
  if (hour < 1 || hour > 12) return 99;
  return (hour % 12) + (half.toUpperCase() === "PM" ? 12 : 0);
}
