import type { Line, RowFault } from "./lines.ts";
import type { Row, Table } from "./table.ts";

/**
 * Reads one JSON object a line. The columns are the names found in the first {@link SAMPLE_LINES_MAX} lines; a number is
 * taken in the shortest form that denotes it, so that 29.33 is exactly 29.33; a whole number of more digits than a double holds is taken
 * as it is written, since ids are such numbers.
 */
export async function ndjsonTable(blocks: AsyncGenerator<readonly Line[]>): Promise<Table> {
  const sample: (readonly Line[])[] = [];
  const columns = new Set<string>();
  let lineCount = 0;
  while (lineCount < SAMPLE_LINES_MAX) {
    const next = await blocks.next();
    if (next.done === true) break;
    sample.push(next.value);
    for (const line of next.value.slice(0, SAMPLE_LINES_MAX - lineCount)) {
      const record = line.fault === undefined ? objectOf(line.text) : null;
      for (const name of Object.keys(record ?? {}).slice(0, COLUMNS_MAX)) {
        if (columns.size < COLUMNS_MAX) columns.add(name);
      }
    }
    lineCount += next.value.length;
  }
  const names = [...columns];

  async function* rows(): AsyncGenerator<readonly Row[]> {
    for (const block of sample) yield rowsOf(block, names);
    for await (const block of blocks) yield rowsOf(block, names);
  }
  return { columns: names, blocks: rows() };
}

const SAMPLE_LINES_MAX = 1000;
const COLUMNS_MAX = 1000;

function rowsOf(lines: readonly Line[], columns: readonly string[]): Row[] {
  return lines
    .filter((line) => line.fault !== undefined || line.text.trim() !== "")
    .map((line) => {
      if (line.fault !== undefined) return { line: line.number, fault: line.fault };
      const record = objectOf(line.text);
      if (record === null) return { line: line.number, fault: notAnObject };
      return { line: line.number, cells: columns.map((name) => textOf(record, name)) };
    });
}

const notAnObject: RowFault = { code: "NOT_JSON_OBJECT", reason: "the line is not a JSON object" };

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const record = value as Record<string, unknown>;
    return Object.values(record).some(isRounded) ? (JSON.parse(text, asWritten) as Record<string, unknown>) : record;
  } catch {
    return null;
  }
}

/** A whole number that may have been another one in the text. */
function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function asWritten(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return isRounded(value) ? context?.source : value;
}

/** What is no text and no number counts as missing; so does what every object inherits, whatever its name. */
function textOf(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
