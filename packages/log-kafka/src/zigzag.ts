/**
 * Signed integers in groups of seven bits, least significant first, the sign in the lowest bit of the first group:
 * what Kafka's records are made of. Those written are lengths and offsets, −1 to 2^30; those read may be of 64 bits.
 */
export function zigzagBytes(value: number): number {
  const folded = fold(value);
  if (folded < 0x80) return 1;
  if (folded < 0x4000) return 2;
  if (folded < 0x20_0000) return 3;
  return folded < 0x1000_0000 ? 4 : 5;
}

/** @returns the position after what was written */
export function writeZigzag(bytes: Uint8Array, position: number, value: number): number {
  let folded = fold(value);
  while (folded >= 0x80) {
    bytes[position++] = (folded & 0x7f) | 0x80;
    folded >>>= 7;
  }
  bytes[position++] = folded;
  return position;
}

/** Reads on from a position. Past the end it reads zeros: whoever reads compares `position` with the end. */
export class ZigzagReader {
  position: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  /** An integer of up to 64 bits; beyond ±2^52 neither exact nor sure of its sign. */
  read(): number {
    const first = this.#bytes[this.position++] as number;
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    const second = this.#bytes[this.position++] as number;
    if (second < 0x80) {
      const folded = (first & 0x7f) | (second << 7);
      return (folded >>> 1) ^ -(folded & 1);
    }
    return this.#readLong(first, second);
  }

  #readLong(first: number, second: number): number {
    let folded = (first & 0x7f) + (second & 0x7f) * 0x80;
    let scale = 0x4000;
    let byte: number;
    do {
      byte = this.#bytes[this.position++] as number;
      // Shifts would wrap beyond 32 bits.
      folded += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }
}

/** As an unsigned integer of 32 bits. */
function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
