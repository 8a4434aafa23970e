/**
 * CRC-32C of a part of `bytes`, the checksum of LevelDB's files, as an unsigned number. Eight bytes a step, with a table for each:
 * "slicing-by-8" of Kounavis and Berry, A Systematic Approach to Building High Performance, Software-based, CRC Generators (2005).
 * Node has none built in.
 * @param from the first byte, an index
 * @param to behind the last one
 */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  let at = from;
  for (; at + SLICES <= to; at += SLICES) {
    const low =
      crc ^
      ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24));
    crc =
      entry(7, low & 0xff) ^
      entry(6, (low >>> 8) & 0xff) ^
      entry(5, (low >>> 16) & 0xff) ^
      entry(4, low >>> 24) ^
      entry(3, bytes[at + 4] ?? 0) ^
      entry(2, bytes[at + 5] ?? 0) ^
      entry(1, bytes[at + 6] ?? 0) ^
      entry(0, bytes[at + 7] ?? 0);
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ entry(0, (crc ^ (bytes[at] ?? 0)) & 0xff);
  return ~crc >>> 0;
}

const SLICES = 8;
/** Castagnoli's, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** One table of 256 entries after the other; that of slice n is for the byte that n others follow. */
const TABLES = makeTables();

function entry(slice: number, byte: number): number {
  return TABLES[slice * 256 + byte] as number;
}

function makeTables(): Int32Array {
  const made = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) * POLYNOMIAL);
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index += 1) {
    const before = made[index - 256] as number;
    made[index] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}
