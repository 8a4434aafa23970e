import { murmur3 } from "./fingerprint.ts";
import { nameEnd, readName, writeName } from "./packed-names.ts";
import { copyBytes } from "./packed-numbers.ts";

/**
 * A packed list of what a customer has to do with, by name: channels, products, … An entry is a fingerprint of the name, values of a
 * fixed size, and the name itself where it is wanted. Entries stay at their place and never go; what comes when the list is full has no
 * entry, so that the first names that came are the ones known.
 */
export interface TableShape {
  readonly entriesMax: number;
  readonly valueBytes: number;
  /** Longer names are cut there, and are one name if they are equal up to it; 0 = names are not kept. */
  readonly nameBytesMax: number;
}

/** What a full table takes, each of its names as long as may be. */
export function tableBytesMax({ entriesMax, valueBytes, nameBytesMax }: TableShape): number {
  return entriesMax * (FINGERPRINT_BYTES + valueBytes + (nameBytesMax === 0 ? 0 : 1 + nameBytesMax));
}

export interface TableEntry {
  readonly name: string;
  /** Index of the first byte of the values. */
  readonly valueAt: number;
  /** Its place in the list. */
  readonly index: number;
}

/** Where the values of a name stand. @returns null if it has no entry */
export function findInTable(table: Buffer, shape: TableShape, name: string): TableEntry | null {
  return find(table, shape, name, murmur3(boundedName(name, shape.nameBytesMax), SEED));
}

function find(table: Buffer, shape: TableShape, name: string, fingerprint: number): TableEntry | null {
  const first = fingerprint & 0xff;
  let index = 0;
  for (let at = 0; at < table.length; at = nextEntry(table, shape, at)) {
    if (table[at] === first && table.readInt32LE(at) === fingerprint) {
      return { name, valueAt: at + FINGERPRINT_BYTES, index };
    }
    index++;
  }
  return null;
}

/** As {@link findInTable}, and with a new entry of zeros where there is room. @returns the table to be kept */
export function openInTable(
  table: Buffer,
  shape: TableShape,
  name: string,
): { readonly table: Buffer; readonly entry: TableEntry | null } {
  const bounded = boundedName(name, shape.nameBytesMax);
  const fingerprint = murmur3(bounded, SEED);
  const entry = find(table, shape, name, fingerprint);
  if (entry !== null) return { table, entry };
  const index = countEntries(table, shape);
  if (index >= shape.entriesMax) return { table, entry: null };
  const valueAt = table.length + FINGERPRINT_BYTES;
  const nameAt = valueAt + shape.valueBytes;
  const named = shape.nameBytesMax > 0;
  const longer = Buffer.allocUnsafe(nameAt + (named ? 1 + Buffer.byteLength(bounded) : 0));
  copyBytes(table, 0, table.length, longer, 0);
  longer.writeInt32LE(fingerprint, table.length);
  longer.fill(0, valueAt, nameAt);
  if (named) writeName(longer, nameAt, bounded);
  return { table: longer, entry: { name, valueAt, index } };
}

function countEntries(table: Buffer, shape: TableShape): number {
  let count = 0;
  for (let at = 0; at < table.length; at = nextEntry(table, shape, at)) count++;
  return count;
}

/** Where the values of the entry at a place begin; it is there. */
export function valueAtIndex(table: Buffer, shape: TableShape, index: number): number {
  let at = 0;
  for (let i = 0; i < index; i++) at = nextEntry(table, shape, at);
  return at + FINGERPRINT_BYTES;
}

/** All entries, in the order in which they came. */
export function tableEntries(table: Buffer, shape: TableShape): TableEntry[] {
  const entries: TableEntry[] = [];
  for (let at = 0; at < table.length; at = nextEntry(table, shape, at)) {
    const valueAt = at + FINGERPRINT_BYTES;
    const name = shape.nameBytesMax === 0 ? "" : readName(table, valueAt + shape.valueBytes);
    entries.push({ name, valueAt, index: entries.length });
  }
  return entries;
}

function nextEntry(table: Buffer, { valueBytes, nameBytesMax }: TableShape, at: number): number {
  const end = at + FINGERPRINT_BYTES + valueBytes;
  return nameBytesMax === 0 ? end : nameEnd(table, end);
}

/** The name, cut between two characters where it is too long; whole where names are not kept. */
export function boundedName(name: string, bytesMax: number): string {
  if (bytesMax === 0 || name.length * 3 <= bytesMax || Buffer.byteLength(name) <= bytesMax) return name;
  const bytes = Buffer.from(name);
  let end = bytesMax;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** What an entry of a table without names is known by: the first four bytes of it, little-endian. */
export function nameFingerprint(name: string): number {
  return murmur3(name, SEED);
}

const FINGERPRINT_BYTES = 4;
const SEED = 0x3c6ef372;
