import type { RowFault } from "./lines.ts";

/** A file of rows under named columns, whatever its syntax. */
export interface Table {
  /** Names of the columns as the file writes them. */
  readonly columns: readonly string[];
  /** The rows in file order, in blocks; read once. */
  readonly blocks: AsyncIterable<readonly Row[]>;
}

/** One row: its cells in the order of the columns, or why it cannot be read. */
export type Row =
  | { readonly line: number; readonly cells: readonly string[]; readonly fault?: undefined }
  | { readonly line: number; readonly fault: RowFault };
