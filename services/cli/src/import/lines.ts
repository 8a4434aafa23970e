import { isUtf8 } from "node:buffer";
import { CommandFailed, exitCodes } from "../failure.ts";

/** One line of a text file, or why it cannot be read. */
export type Line =
  | { readonly number: number; readonly text: string; readonly fault?: undefined }
  | { readonly number: number; readonly fault: RowFault };

/** What is wrong with a row: a stable code and a sentence for a person, which never quotes the row. */
export interface RowFault {
  readonly code: string;
  readonly reason: string;
}

/** Longest line taken; a longer one is rejected by its number and the next is read. */
const LINE_BYTES_MAX = 1024 * 1024;

/**
 * Splits bytes into numbered lines, a block at a time so that the cost of waiting is paid once a block. A byte-order
 * mark at the start and carriage returns before line ends are left out. Memory: one chunk and one line.
 *
 * @throws CommandFailed (usage) for UTF-16, which is recognised by its byte-order mark
 */
export async function* lineBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 1;
  let isFirst = true;
  let isSkipping = false;

  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (isFirst && bytes.length >= 3) {
      bytes = withoutByteOrderMark(bytes);
      isFirst = false;
    }
    if (isSkipping) {
      const end = bytes.indexOf(LINE_FEED);
      rest = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 1);
      if (end < 0) continue;
      isSkipping = false;
      number += 1;
      bytes = rest;
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    rest = bytes.subarray(end);
    if (end > 0) {
      const lines = split(bytes.subarray(0, end - 1), number);
      number += lines.length;
      yield lines;
    }
    if (rest.length > LINE_BYTES_MAX) {
      yield [{ number, fault: lineTooLong }];
      rest = Buffer.alloc(0);
      isSkipping = true;
    }
  }
  if (isFirst) rest = withoutByteOrderMark(rest);
  if (rest.length > 0) yield split(rest, number);
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const lineTooLong: RowFault = { code: "LINE_TOO_LONG", reason: "the line is longer than 1 MiB" };
const notUtf8: RowFault = {
  code: "NOT_UTF8",
  reason: "the line is not valid UTF-8; convert the file, e.g. iconv -f WINDOWS-1252 -t UTF-8",
};

function split(bytes: Buffer, numberFirst: number): Line[] {
  if (!isUtf8(bytes)) return splitFaulty(bytes, numberFirst);
  return bytes
    .toString("utf8")
    .split("\n")
    .map((text, index) => lineOf(numberFirst + index, text));
}

/** Somewhere in these lines are bytes that are no UTF-8: finds which lines are good. */
function splitFaulty(bytes: Buffer, numberFirst: number): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end);
    const number = numberFirst + lines.length;
    lines.push(isUtf8(line) ? lineOf(number, line.toString("utf8")) : { number, fault: notUtf8 });
    start = end + 1;
  }
  return lines;
}

function lineOf(number: number, text: string): Line {
  if (text.length > LINE_BYTES_MAX) return { number, fault: lineTooLong };
  const hasReturn = text.charCodeAt(text.length - 1) === CARRIAGE_RETURN;
  return { number, text: hasReturn ? text.slice(0, -1) : text };
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new CommandFailed(exitCodes.usage, "the file is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8 does it)");
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
