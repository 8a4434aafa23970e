import { isUtf8 } from "node:buffer";
import { Problem } from "../problem.ts";

/** One value of a body, or why there is none in its place. */
export type Entry =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly code: "NOT_UTF8" | "NOT_JSON"; readonly message: string };

/** The values of an NDJSON body in order, parsed as they are asked for; blank lines are skipped and not counted. @throws Problem 413 */
export function* readLines(body: Buffer, entriesMax: number): Generator<Entry, void, undefined> {
  // A line that is not UTF-8 is refused by itself: where one is, all of them are cut from the bytes, a character each.
  const isWhole = isUtf8(body);
  let count = 0;
  for (const line of linesOf(body.toString(isWhole ? "utf8" : "latin1"))) {
    if (isBlank(line)) continue;
    if (++count > entriesMax) throw tooMany(entriesMax);
    yield isWhole ? parseLine(line) : parseBytes(Buffer.from(line, "latin1"));
  }
}

function* linesOf(text: string): Generator<string, void, undefined> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

/** The events of a body `{"events": […]}`. @throws Problem 400, 413 */
export function* readEvents(body: Buffer, eventsMax: number): Generator<Entry, void, undefined> {
  const events = eventsOf(readJson(body));
  if (events.length > eventsMax) throw tooMany(eventsMax);
  for (const json of events) yield { ok: true, json };
}

/** After so many entries (some tenths of a millisecond) others get their turn: a query must not wait for a whole body. */
export const ENTRIES_A_SLICE = 32;

function readJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new Problem(400, "NOT_UTF8", "The body is not valid UTF-8.");
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    // The parser's message quotes the body.
    throw new Problem(400, "NOT_JSON", "The body is not valid JSON.");
  }
}

function eventsOf(json: unknown): readonly unknown[] {
  const wrong = new Problem(400, "BODY_INVALID", 'The body must be an object {"events": […]} and nothing else.');
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrong;
  const names = Object.keys(json);
  if (names.length !== 1 || names[0] !== "events") throw wrong;
  const { events } = json as { readonly events: unknown };
  if (!Array.isArray(events)) throw wrong;
  return events as readonly unknown[];
}

function parseBytes(line: Buffer): Entry {
  if (isUtf8(line)) return parseLine(line.toString());
  return { ok: false, code: "NOT_UTF8", message: "the line is not valid UTF-8" };
}

function parseLine(line: string): Entry {
  try {
    return { ok: true, json: JSON.parse(line) as unknown };
  } catch {
    return { ok: false, code: "NOT_JSON", message: "the line is not valid JSON" };
  }
}

/** Nothing but spaces, tabs and a carriage return. */
function isBlank(line: string): boolean {
  for (let index = 0; index < line.length; index++) {
    const unit = line.charCodeAt(index);
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0d) return false;
  }
  return true;
}

function tooMany(max: number): Problem {
  return new Problem(413, "TOO_MANY_ENTRIES", `A request may carry at most ${max} of them: send several.`);
}
