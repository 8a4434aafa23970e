import { crc32c } from "@node-rs/crc32";

/**
 * The files that LevelDB appends to, its write-ahead files and its MANIFEST, as its doc/log_format.md and db/log_reader.cc have it: blocks of
 * 32 KiB, the last one shorter, of records
 *
 *   checksum u32 (CRC-32C of type and content, masked), length u16, type u8, content      (all little-endian)
 *
 * What is written in one go is one record (`full`) or, as none crosses the end of a block, several (`first`, `middle` …, `last`). Where a
 * block has less than a header left, that is not used.
 */
export const BLOCK_BYTES = 32_768;

const HEADER_BYTES = 7;
const AT = { checksum: 0, length: 4, type: 6 } as const;
const TYPES = [undefined, "full", "first", "middle", "last"] as const;

export type RecordType = "full" | "first" | "middle" | "last";

/** Told what a block holds, in order; positions are counted from its start. */
export interface BlockReader {
  /** Its content is what lies between `from` and `to`. */
  record(at: number, type: RecordType, from: number, to: number): void;
  /**
   * Up to `to` there is no record that is whole.
   * @param onlyLength whether there is one but for its length: its checksum is that of all that is left of the block
   */
  gap(at: number, to: number, onlyLength: boolean): void;
}

/**
 * LevelDB gives up the rest of a block that has a bad record, since the length may be what is bad. Here whole ones are looked for behind it, at every
 * byte: their checksums tell them.
 */
export function readBlock(block: Buffer, reader: BlockReader): void {
  let at = 0;
  while (at + HEADER_BYTES <= block.length) {
    const type = typeAt(block, at);
    if (type !== undefined && hasRecord(block, at)) {
      const end = endOf(block, at);
      reader.record(at, type, at + HEADER_BYTES, end);
      at = end;
      continue;
    }
    const next = nextRecord(block, at + 1);
    reader.gap(at, next, next === block.length && isChecksumOf(block, at, next));
    at = next;
  }
  // Not the unused end of a block, but the end of the file in the middle of a header.
  if (at < block.length && block.length < BLOCK_BYTES) reader.gap(at, block.length, false);
}

/** Where the first whole record begins, from `from` on; the end of the block = nowhere. */
function nextRecord(block: Buffer, from: number): number {
  for (let at = from; at + HEADER_BYTES <= block.length; at += 1) {
    if (typeAt(block, at) !== undefined && hasRecord(block, at)) return at;
  }
  return block.length;
}

function hasRecord(block: Buffer, at: number): boolean {
  const end = endOf(block, at);
  return end <= block.length && isChecksumOf(block, at, end);
}

function typeAt(block: Buffer, at: number): RecordType | undefined {
  return TYPES[block[at + AT.type] ?? 0];
}

function endOf(block: Buffer, at: number): number {
  return at + HEADER_BYTES + block.readUInt16LE(at + AT.length);
}

function isChecksumOf(block: Buffer, at: number, end: number): boolean {
  return block.readUInt32LE(at + AT.checksum) === masked(crc32c(block.subarray(at + AT.type, end)));
}

/** As LevelDB stores checksums (util/crc32c.h): those of data that contain checksums would be weak. */
function masked(checksum: number): number {
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
