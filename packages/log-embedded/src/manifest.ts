import { readVarint, varintBytes } from "./varint.ts";

/** Which write-ahead files LevelDB reads when it is opened: those from `first` on, and `other`. Files have numbers. */
export interface LogNumbers {
  readonly first: number;
  /** Of LevelDB before version 1.4; 0 = none. */
  readonly other: number;
}

export const ALL_LOGS: LogNumbers = { first: 0, other: 0 };

/**
 * What a write to the MANIFEST changes about it. One that cannot be read changes nothing: LevelDB then refuses to open.
 * @param edit as LevelDB's db/version_edit.cc encodes it: fields, each led by a tag
 */
export function editLogNumbers(numbers: LogNumbers, edit: Buffer): LogNumbers {
  let { first, other } = numbers;
  let position = 0;
  const varint = (): number => {
    const value = readVarint(edit, position);
    position += varintBytes(value);
    return value;
  };
  while (position < edit.length) {
    const tag = varint();
    const parts = PARTS_BY_TAG.get(tag);
    if (parts === undefined) return numbers;
    for (const part of parts) {
      const value = varint();
      if (part === "bytes") position += value;
      if (tag === FIRST_LOG) first = value;
      if (tag === OTHER_LOG) other = value;
    }
  }
  return position === edit.length ? { first, other } : numbers;
}

const FIRST_LOG = 2;
const OTHER_LOG = 9;

/** What follows each tag; bytes are led by their number. */
const PARTS_BY_TAG: ReadonlyMap<number, readonly ("varint" | "bytes")[]> = new Map([
  // Name of the comparator.
  [1, ["bytes"]],
  [FIRST_LOG, ["varint"]],
  // Next file number, last sequence number.
  [3, ["varint"]],
  [4, ["varint"]],
  // Where compaction goes on: level, key.
  [5, ["varint", "bytes"]],
  // A file deleted: level, number.
  [6, ["varint", "varint"]],
  // A file added: level, number, size, smallest key, largest key.
  [7, ["varint", "varint", "varint", "bytes", "bytes"]],
  [OTHER_LOG, ["varint"]],
]);
