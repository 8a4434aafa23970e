import { hash } from "node:crypto";
import { externalSorter, type SortRecord } from "./external-sort.ts";
import type { PurchaseRow } from "./row-reader.ts";

/** A row with the id its purchase will have. */
export interface NumberedRow extends PurchaseRow {
  readonly eventId: string;
}

export interface RowNumbering {
  add(rows: readonly PlacedRow[]): Promise<void>;
  /** All rows in the order wanted, in blocks; once, after the last `add`. */
  rows(): AsyncGenerator<readonly NumberedRow[]>;
  close(): Promise<void>;
}

/** A row and its place in the file. */
export interface PlacedRow {
  readonly row: PurchaseRow;
  readonly line: number;
}

export interface RowNumberingOptions {
  /** `time`: by time, purchases before refunds, then by content. `file`: as they lie in the file. */
  readonly order: "time" | "file";
  readonly source: string;
  /** ISO 4217; part of what each row says. */
  readonly currency: string;
  /** For the sorted runs. */
  readonly directory: string;
  /** Bound on the rows held in memory, bytes. */
  readonly bytesMax: number;
}

/**
 * Gives each row its event id: SHA-256 of (source, what the row says, ordinal among rows that say the same). So a row is
 * known again in another file, order or spelling, and two equal rows of one file stay two purchases.
 *
 * The ordinals need no memory: rows are sorted by all they say, which puts identical ones side by side. In file order a
 * second sort, by line, puts them back. In time order the rows up to an instant are the first of the whole sequence
 * whatever comes after: an import cut off by `--until` is a prefix of the import of the whole file.
 */
export function rowNumbering(options: RowNumberingOptions): RowNumbering {
  const sorter = externalSorter({ ...options, name: "by-time" });
  const origin = `${options.source}${SEPARATOR}${options.currency}`;

  async function* byTime(): AsyncGenerator<readonly (NumberedRow & { line: number })[]> {
    let previous = "";
    let ordinal = 0;
    for await (const block of sorter.sorted()) {
      yield block.map(({ key, text }) => {
        const content = `${key}${SEPARATOR}${text.slice(0, text.lastIndexOf(SEPARATOR))}`;
        ordinal = content === previous ? ordinal + 1 : 0;
        previous = content;
        return { ...unpack(key, text), eventId: eventIdOf(origin, content, ordinal) };
      });
    }
  }

  async function* byLine(): AsyncGenerator<readonly NumberedRow[]> {
    const lineSorter = externalSorter({ ...options, name: "by-line" });
    try {
      for await (const block of byTime()) await lineSorter.add(block.map(packByLine));
      await sorter.close();
      for await (const block of lineSorter.sorted()) yield block.map(({ text }) => unpackByLine(text));
    } finally {
      await lineSorter.close();
    }
  }

  return {
    add: async (rows) => sorter.add(rows.map(pack)),
    rows: options.order === "time" ? byTime : byLine,
    close: async () => sorter.close(),
  };
}

/** Ids hold no control characters, so this one separates. */
const SEPARATOR = "\0";

function pack({ row, line }: PlacedRow): SortRecord {
  const rank = row.amountMinor < 0 ? "1" : "0";
  return {
    key: row.occurredAt,
    text: [rank, row.customerId, row.orderId, String(row.amountMinor), String(line)].join(SEPARATOR),
  };
}

function unpack(key: number, text: string): PurchaseRow & { line: number } {
  const [, customerId = "", orderId = "", amountMinor, line] = text.split(SEPARATOR);
  return { occurredAt: key, customerId, orderId, amountMinor: Number(amountMinor), line: Number(line) };
}

function packByLine(row: NumberedRow & { line: number }): SortRecord {
  const { occurredAt, customerId, orderId, amountMinor, eventId } = row;
  return {
    key: row.line,
    text: [String(occurredAt), customerId, orderId, String(amountMinor), eventId].join(SEPARATOR),
  };
}

function unpackByLine(text: string): NumberedRow {
  const [occurredAt, customerId = "", orderId = "", amountMinor, eventId = ""] = text.split(SEPARATOR);
  return { occurredAt: Number(occurredAt), customerId, orderId, amountMinor: Number(amountMinor), eventId };
}

/** 43 characters of base64url: the whole hash, shorter than in hexadecimal. */
function eventIdOf(origin: string, content: string, ordinal: number): string {
  return hash("sha256", `${origin}${SEPARATOR}${content}${SEPARATOR}${ordinal}`, "base64url");
}
