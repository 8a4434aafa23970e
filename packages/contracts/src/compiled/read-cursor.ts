import { isUtf8 } from "node:buffer";

/**
 * What the code that `compile-reader.ts` makes reads with: one value at a time, synchronously. It believes nothing: whatever is not usual
 * marks the value as failed and reads as something empty, and the caller has avsc read it, behind the checks of `wire-structure.ts`, or
 * say what is wrong with it. Every loop is bounded by the bytes that are left.
 */
let source: Buffer = Buffer.alloc(0);
let at = 0;
let failed = false;

/** Of what was not usual; no record has it. */
export const UNUSUAL: unique symbol = Symbol("unusual");

const EMPTY = Buffer.alloc(0);
const LOW_BITS = 2 ** 28;
/** Up to here code units are put together one by one: a call into native code costs more. */
const SHORT_BYTES = 8;

/** @returns {@link UNUSUAL} unless the value ends where the bytes do */
export function readWith<T>(read: () => T, bytes: Buffer, position: number): T | typeof UNUSUAL {
  const value = readPartWith(read, bytes, position);
  return at === source.length ? value : UNUSUAL;
}

/** As {@link readWith}, where the value may go on behind what was read. */
export function readPartWith<T>(read: () => T, bytes: Buffer, position: number): T | typeof UNUSUAL {
  source = bytes;
  at = position;
  failed = false;
  const value = read();
  return failed ? UNUSUAL : value;
}

function fail(): void {
  failed = true;
}

function nextByte(): number {
  const byte = source[at++];
  if (byte !== undefined) return byte;
  failed = true;
  return 0;
}

/** Of a union of two: 0 or 1. */
function readBranch(): number {
  const byte = nextByte();
  if (byte !== 0 && byte !== 2) failed = true;
  return byte >>> 1;
}

/** Of an enum that has as many symbols. */
function readIndex(symbols: number): number {
  const byte = nextByte();
  if ((byte & 0x81) === 0 && byte >>> 1 < symbols) return byte >>> 1;
  failed = true;
  return 0;
}

function readLong(): number {
  let byte = nextByte();
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let low = byte & 0x7f;
  byte = nextByte();
  low |= (byte & 0x7f) << 7;
  if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
  byte = nextByte();
  low |= (byte & 0x7f) << 14;
  if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
  byte = nextByte();
  low |= (byte & 0x7f) << 21;
  if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
  // 7 bytes carry 49 bits: always exact.
  byte = nextByte();
  let high = byte & 0x7f;
  if (byte >= 0x80) {
    byte = nextByte();
    high |= (byte & 0x7f) << 7;
    if (byte >= 0x80) {
      byte = nextByte();
      high |= (byte & 0x7f) << 14;
      if (byte >= 0x80) failed = true;
    }
  }
  const zigzag = high * LOW_BITS + low;
  return (low & 1) === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
}

function readInt(): number {
  const value = readLong();
  if (value === (value | 0)) return value;
  failed = true;
  return 0;
}

/** How many items the one block of an array or a map has; none of ours is empty, so it has no more than bytes are left. */
function readCount(): number {
  const count = readLong();
  if (count >= 0 && count <= source.length - at) return count;
  failed = true;
  return 0;
}

function readBoolean(): boolean {
  const byte = nextByte();
  if (byte > 1) failed = true;
  return byte === 1;
}

function readDouble(): number {
  if (at + 8 > source.length) {
    failed = true;
    return 0;
  }
  const value = source.readDoubleLE(at);
  at += 8;
  return value;
}

function readString(): string {
  const length = readCount();
  const start = at;
  const end = start + length;
  at = end;
  let high = 0;
  for (let i = start; i < end; i++) high |= source[i] as number;
  if (high >= 0x80) {
    if (isUtf8(source.subarray(start, end))) return source.toString("utf8", start, end);
    failed = true;
    return "";
  }
  if (length > SHORT_BYTES) return source.toString("latin1", start, end);
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(source[i] as number);
  return text;
}

/** A view on the bytes that are read. */
function readBytes(): Buffer {
  const length = readCount();
  if (length === 0) return EMPTY;
  const start = at;
  at = start + length;
  return source.subarray(start, at);
}

function skip(bytes: number): void {
  at += bytes;
  if (at > source.length) failed = true;
}

function skipLong(): void {
  while (nextByte() >= 0x80);
}

/** Of a string or of bytes. */
function skipText(): void {
  // Not in one: what is added to would be the place before the length was read.
  const length = readCount();
  at += length;
}

/** What the code is given by name. */
export const READERS = {
  skip,
  skipLong,
  skipText,
  fail,
  readBranch,
  readIndex,
  readLong,
  readInt,
  readCount,
  readBoolean,
  readDouble,
  readString,
  readBytes,
};
