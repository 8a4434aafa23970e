/**
 * Unsigned integers below 2^53 in groups of seven bits, least significant first (LEB128). Beyond 32 bits shifts
 * would wrap, so the arithmetic multiplies and divides.
 */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  let bytes = 4;
  for (let rest = Math.floor(value / 0x1000_0000); rest > 0; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** @returns the position after what was written */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  while (value >= 0x80) {
    bytes[position++] = (value % 0x80) | 0x80;
    value = Math.floor(value / 0x80);
  }
  bytes[position++] = value;
  return position;
}

/** The integer at `position`; it took {@link varintBytes} of it. */
export function readVarint(bytes: Uint8Array, position: number): number {
  let byte = bytes[position] as number;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  let scale = 0x80;
  do {
    byte = bytes[++position] as number;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
  } while (byte >= 0x80);
  return value;
}
