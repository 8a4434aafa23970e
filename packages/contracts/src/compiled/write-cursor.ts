/**
 * What the code that `compile-writer.ts` makes writes with: one value at a time, synchronously, into memory that is there already.
 * Whatever is not usual, and whatever there is no room for, marks the value as failed, and it is written no further than the memory goes:
 * the caller then has avsc write it, or say what is wrong with it.
 */
let target: Buffer = Buffer.alloc(0);
let at = 0;
let failed = false;

/** Beyond it avsc is asked: up to here a number and its zigzag are exact. */
const LONG_MAX = 2 ** 51;
const LOW_BITS = 2 ** 28;
/** Of a number, a length, an index. */
const VARINT_BYTES_MAX = 8;
const DOUBLE_BYTES = 8;
/** Of one UTF-16 unit in UTF-8. */
const UNIT_BYTES_MAX = 3;
/** Up to here a loop is faster than a call into native code. */
const SHORT_BYTES = 24;

/** @returns the index after the value; −1 = it is not written */
export function writeWith<T>(write: (value: T) => void, value: T, buffer: Buffer, position: number): number {
  target = buffer;
  at = position;
  failed = false;
  write(value);
  return failed ? -1 : at;
}

function fail(): void {
  failed = true;
}

function hasRoom(bytes: number): boolean {
  if (at + bytes <= target.length) return true;
  failed = true;
  return false;
}

/** A zigzag number below 64 that is not negative: an index, a count. */
function writeSmall(value: number): void {
  if (hasRoom(1)) target[at++] = value * 2;
}

function writeLong(value: number): void {
  if (typeof value !== "number" || !hasRoom(VARINT_BYTES_MAX)) {
    failed = true;
    return;
  }
  if (value === (value | 0) && value < 1 << 29 && value >= -(1 << 29)) {
    let zigzag = (value << 1) ^ (value >> 31);
    while (zigzag >= 0x80) {
      target[at++] = (zigzag & 0x7f) | 0x80;
      zigzag >>>= 7;
    }
    target[at++] = zigzag;
    return;
  }
  if (!Number.isInteger(value) || value > LONG_MAX || value < -LONG_MAX) {
    failed = true;
    return;
  }
  const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
  let high = Math.floor(zigzag / LOW_BITS);
  const low = zigzag - high * LOW_BITS;
  target[at++] = (low & 0x7f) | 0x80;
  target[at++] = ((low >>> 7) & 0x7f) | 0x80;
  target[at++] = ((low >>> 14) & 0x7f) | 0x80;
  target[at++] = (low >>> 21) | 0x80;
  // Below 2^25 by the bound, and at least 1.
  while (high >= 0x80) {
    target[at++] = (high & 0x7f) | 0x80;
    high >>>= 7;
  }
  target[at++] = high;
}

function writeInt(value: number): void {
  if (value === (value | 0)) writeLong(value);
  else failed = true;
}

function writeBoolean(value: boolean): void {
  if (typeof value !== "boolean") failed = true;
  else if (hasRoom(1)) target[at++] = value ? 1 : 0;
}

function writeDouble(value: number): void {
  if (typeof value !== "number") failed = true;
  else if (hasRoom(DOUBLE_BYTES)) at = target.writeDoubleLE(value, at);
}

function writeString(value: string): void {
  if (typeof value !== "string" || !hasRoom(VARINT_BYTES_MAX + UNIT_BYTES_MAX * value.length)) {
    failed = true;
    return;
  }
  const { length } = value;
  if (length <= SHORT_BYTES) {
    const start = at;
    target[at++] = length * 2;
    let i = 0;
    for (; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) break;
      target[at++] = unit;
    }
    if (i === length) return;
    at = start;
  }
  writeLong(Buffer.byteLength(value));
  at += target.write(value, at, "utf8");
}

function writeBytes(value: Uint8Array): void {
  if (!(value instanceof Uint8Array) || !hasRoom(VARINT_BYTES_MAX + value.length)) {
    failed = true;
    return;
  }
  const { length } = value;
  writeLong(length);
  if (length <= SHORT_BYTES) {
    for (let i = 0; i < length; i++) target[at++] = value[i] as number;
    return;
  }
  target.set(value, at);
  at += length;
}

/** What the code is given by name. */
export const WRITERS = { fail, writeSmall, writeLong, writeInt, writeBoolean, writeDouble, writeString, writeBytes };
