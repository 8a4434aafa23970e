/**
 * What a log line may carry. Nothing of a customer belongs in a log (I10), so the types leave no room for it:
 * the message is a constant of the code, free names hold numbers and booleans, and text is taken only under
 * the names of {@link LogName}, which stand for what the operator or the code chose and never for a record's content.
 */
const LOG_NAMES = [
  "check",
  "clock",
  "code",
  "component",
  "currency",
  "directory",
  "file",
  "host",
  "mode",
  "model",
  "operation",
  "outcome",
  "route",
  "signal",
  "state",
  "timeZone",
  "topic",
  "url",
  "version",
  "writer",
] as const;
export type LogName = (typeof LOG_NAMES)[number];

/** Bound of a text field, in UTF-16 units: a path fits, a record does not. */
const LOG_TEXT_LENGTH_MAX = 300;

/** A string known when compiling; a `string`, or a template with a hole in it, is refused. */
export type Constant<Text extends string> = {} extends Record<Text, unknown> ? never : Text;

/** `error` takes anything thrown, see {@link describeError}; null stands for a value that is not known. */
export type LogFields<Fields> = {
  readonly [Name in keyof Fields]: Name extends LogName
    ? string | null
    : Name extends "error"
      ? unknown
      : number | boolean | null;
};

const NAMED: ReadonlySet<string> = new Set(LOG_NAMES);

/** The rule of {@link LogFields} once more at run time, for what the types did not see. */
export function admit(name: string, value: unknown): string | number | boolean | null | undefined {
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "string" || !NAMED.has(name)) return "[withheld]";
  return value.length > LOG_TEXT_LENGTH_MAX ? `${value.slice(0, LOG_TEXT_LENGTH_MAX)}…` : value;
}
