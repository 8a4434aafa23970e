/**
 * The key of a record to be written: bytes, or text, which is written in UTF-8. Where there is text it stays that: bytes have an object of
 * a hundred bytes, however few they are, and a turn holds tens of thousands of keys.
 */
export type RecordKey = Uint8Array | string | null;

/** How many bytes the key takes; none where there is none. */
export function keyBytes(key: RecordKey): number {
  if (key === null) return 0;
  if (typeof key !== "string") return key.length;
  return isAscii(key) ? key.length : Buffer.byteLength(key);
}

/** @returns the position after what was written: {@link keyBytes} further */
export function writeKey(target: Buffer, position: number, key: RecordKey): number {
  if (key === null) return position;
  if (typeof key !== "string") {
    target.set(key, position);
    return position + key.length;
  }
  // Up to here a loop is faster than a call into native code.
  if (key.length > SHORT_UNITS || !isAscii(key)) return position + target.write(key, position);
  for (let index = 0; index < key.length; index++) target[position + index] = key.charCodeAt(index);
  return position + key.length;
}

const SHORT_UNITS = 24;

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
