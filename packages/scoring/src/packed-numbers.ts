/** Whole numbers from 0 to 2^53 − 1, packed with 7 bits a byte, the lowest first. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** The number at the cursor, which moves behind it. @throws Error if the bytes end within it */
export function readNumber(cursor: Cursor): number {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Error("packed numbers end within a number");
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
}

/** @returns the index behind what was written, at most {@link NUMBER_BYTES_MAX} further */
export function writeNumber(bytes: Buffer, from: number, number: number): number {
  let at = from;
  let value = number;
  while (value >= 0x80) {
    bytes[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  bytes[at++] = value;
  return at;
}

/** Moves the cursor behind the number at it. */
export function skipNumber(cursor: Cursor): void {
  const { bytes } = cursor;
  while ((bytes[cursor.at++] ?? 0) >= 0x80);
}

/** How many bytes {@link writeNumber} takes for it. */
export function numberBytes(number: number): number {
  let count = 1;
  for (let value = number; value >= 0x80; value = Math.floor(value / 128)) count++;
  return count;
}

export const NUMBER_BYTES_MAX = 8;

/** A signed number as one that is not, small where its size is small; up to 2^52 either way. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unzigzag(number: number): number {
  return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
}

/** Copies bytes from one list to another: of a very few one by one, since a call into native code costs more. */
export function copyBytes(from: Buffer, start: number, end: number, to: Buffer, at: number): void {
  if (end - start > FEW_BYTES) {
    from.copy(to, at, start, end);
    return;
  }
  for (let i = start; i < end; i++) to[at + i - start] = from[i] as number;
}

const FEW_BYTES = 12;
