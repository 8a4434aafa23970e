import { parse } from "csv-parse/sync";
import { assert } from "@tidemark/streams";
import { CommandFailed, exitCodes } from "../failure.ts";
import { type CsvRecord, recordJoiner } from "./csv-records.ts";
import type { Line, RowFault } from "./lines.ts";
import type { Row, Table } from "./table.ts";

/**
 * Reads CSV with a header line. The delimiter is the one of comma, semicolon, tab and bar that the header has most of.
 *
 * csv-parse does the quoting. It is given blocks of whole records rather than the stream, since its stream, once it met
 * a bad quote, loses the rows after it; and where a block has no quote at all, splitting is a tenth of its cost.
 */
export async function csvTable(blocks: AsyncGenerator<readonly Line[]>): Promise<Table> {
  const [firstBlock, headerLine] = await peekHeader(blocks);
  const rows = rowBlocks(firstBlock, blocks, delimiterOf(headerLine));
  for (;;) {
    const next = await rows.next();
    if (next.done === true) throw emptyFile();
    const [header, ...others] = next.value;
    if (header === undefined) continue;
    if (header.fault !== undefined) {
      throw new CommandFailed(exitCodes.usage, `the header line of the file cannot be read: ${header.fault.reason}`);
    }
    const columns = header.cells.map((name) => name.trim());
    return { columns, blocks: checked(others, rows, columns.length) };
  }
}

/** The first line that is not blank, and the blocks read to find it as one. */
async function peekHeader(blocks: AsyncGenerator<readonly Line[]>): Promise<readonly [readonly Line[], string]> {
  const read: Line[] = [];
  for (;;) {
    const next = await blocks.next();
    if (next.done === true) throw emptyFile();
    read.push(...next.value);
    const line = next.value.find((candidate) => candidate.fault !== undefined || candidate.text.trim() !== "");
    if (line !== undefined) return [read, line.fault === undefined ? line.text : ""];
  }
}

function emptyFile(): CommandFailed {
  return new CommandFailed(exitCodes.usage, "the file is empty; it needs a header line that names its columns");
}

const delimiters = [",", ";", "\t", "|"] as const;

function delimiterOf(headerLine: string): string {
  const counts = delimiters.map((delimiter) => headerLine.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

async function* rowBlocks(
  firstBlock: readonly Line[],
  blocks: AsyncGenerator<readonly Line[]>,
  delimiter: string,
): AsyncGenerator<readonly Row[]> {
  const joiner = recordJoiner(delimiter);
  yield rowsOf(
    firstBlock.flatMap((line) => joiner.push(line)),
    delimiter,
  );
  for await (const block of blocks) {
    const records = block.flatMap((line) => joiner.push(line));
    yield rowsOf(records, delimiter);
  }
  yield rowsOf(joiner.end(), delimiter);
}

/** Rejects rows that do not have as many cells as the header. */
async function* checked(
  firstBlock: readonly Row[],
  blocks: AsyncGenerator<readonly Row[]>,
  cellCount: number,
): AsyncGenerator<readonly Row[]> {
  const check = (row: Row): Row =>
    row.fault === undefined && row.cells.length !== cellCount
      ? { line: row.line, fault: wrongCellCount(row.cells.length, cellCount) }
      : row;
  yield firstBlock.map(check);
  for await (const block of blocks) yield block.map(check);
}

function wrongCellCount(found: number, wanted: number): RowFault {
  return { code: "CELL_COUNT", reason: `the row has ${found} cells, the header ${wanted}` };
}

/** Parses records into rows; blank ones are left out. */
function rowsOf(records: readonly CsvRecord[], delimiter: string): Row[] {
  const rows: Row[] = [];
  let quoted: { number: number; text: string }[] = [];
  const flush = (): void => {
    if (quoted.length > 0) rows.push(...parseQuoted(quoted, delimiter));
    quoted = [];
  };
  for (const record of records) {
    if (record.fault === undefined && record.text.includes('"')) {
      quoted.push(record);
      continue;
    }
    flush();
    if (record.fault !== undefined) rows.push({ line: record.number, fault: record.fault });
    else if (record.text.trim() !== "") rows.push({ line: record.number, cells: record.text.split(delimiter) });
  }
  flush();
  return rows;
}

/** The joiner let only well-formed quotes through: as many records come out as go in. */
function parseQuoted(records: readonly { number: number; text: string }[], delimiter: string): Row[] {
  const text = records.map((record) => record.text).join("\n");
  const parsed = parse(text, { delimiter, record_delimiter: "\n", relax_column_count: true, relax_quotes: true });
  assert(parsed.length === records.length, "csv-parse returns each record it is given");
  return records.map((record, index) => ({ line: record.number, cells: parsed[index] ?? [] }));
}
