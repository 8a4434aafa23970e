import type { Line, RowFault } from "./lines.ts";

/**
 * One record of a CSV file: a line, or several where a quoted cell holds line ends. A record keeps the number of its
 * first line.
 */
export type CsvRecord = Line;

/** Most lines of one record; where a quote is still open after them, it was a slip. */
const RECORD_LINES_MAX = 1000;

/**
 * Joins lines into records. A quote opens a cell only at its start (RFC 4180), so that `5" pipe` is text. A quote that
 * is never closed costs its own line and no other: the lines after it are read again as records of their own.
 *
 *   whole ──a quote opens──▶ open ──it closes──▶ whole
 *                             └──text after the closing quote, end of file, or 1,000 lines──▶ first line rejected, rest anew
 */
export function recordJoiner(delimiter: string): { push(line: Line): CsvRecord[]; end(): CsvRecord[] } {
  let open: Line[] = [];

  function push(line: Line): CsvRecord[] {
    const text = textOf(line);
    if (open.length === 0 && !text.includes('"')) return [line];
    const quote = quoteAfter(text, delimiter, open.length > 0);
    open.push(line);
    if (quote === "broken") return rejectFirst(badQuotes);
    if (quote === "open") return open.length < RECORD_LINES_MAX ? [] : rejectFirst(quoteNotClosed);
    const [first] = open;
    const record = { number: first?.number ?? line.number, text: open.map(textOf).join("\n") };
    open = [];
    return [record];
  }

  function rejectFirst(fault: RowFault): CsvRecord[] {
    const [first, ...others] = open;
    open = [];
    return first === undefined ? [] : [{ number: first.number, fault }, ...others.flatMap(push)];
  }

  return {
    push,
    end: () => {
      const records: CsvRecord[] = [];
      while (open.length > 0) records.push(...rejectFirst(quoteNotClosed));
      return records;
    },
  };
}

function textOf(line: Line): string {
  return line.fault === undefined ? line.text : "";
}

const quoteNotClosed: RowFault = { code: "QUOTE_NOT_CLOSED", reason: "a quoted cell is not closed" };
const badQuotes: RowFault = {
  code: "BAD_QUOTES",
  reason: 'text follows a closing quote; inside a quoted cell a quote is written ""',
};

/** Whether a quoted cell is open at the end of a line; broken = text follows a closing quote. */
function quoteAfter(text: string, delimiter: string, isOpen: boolean): "closed" | "open" | "broken" {
  let state: "start" | "plain" | "quoted" | "closed" = isOpen ? "quoted" : "start";
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (state === "quoted") {
      if (character !== '"') continue;
      if (text[i + 1] === '"') i += 1;
      else state = "closed";
    } else if (character === delimiter) {
      state = "start";
    } else if (state === "closed") {
      return "broken";
    } else {
      state = state === "start" && character === '"' ? "quoted" : "plain";
    }
  }
  return state === "quoted" ? "open" : "closed";
}
