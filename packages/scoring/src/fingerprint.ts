/**
 * 64 bits of an id, 8 bytes where it is packed: MurmurHash3 (x86, 32 bits) of its UTF-16 units under two seeds. Not a
 * secret and no identity: it decides only whether two ids of one customer are the same.
 */
export interface Fingerprint {
  readonly low: number;
  readonly high: number;
}

/** {@link murmur3} under both seeds, in one pass. */
export function fingerprintOf(id: string): Fingerprint {
  const { length } = id;
  let low = SEED_LOW | 0;
  let high = SEED_HIGH | 0;
  let i = 0;
  for (; i + 1 < length; i += 2) {
    const word = scramble(id.charCodeAt(i) | (id.charCodeAt(i + 1) << 16));
    low = stirred(low ^ word);
    high = stirred(high ^ word);
  }
  if (i < length) {
    const word = scramble(id.charCodeAt(i));
    low ^= word;
    high ^= word;
  }
  return { low: finished(low, length), high: finished(high, length) };
}

/** The fingerprint of an id where people and other systems read it: 16 hexadecimal digits, both halves from high to low. */
export function fingerprintText(id: string): string {
  return textOf(fingerprintOf(id));
}

export function textOf({ low, high }: Fingerprint): string {
  const half = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
  return `${half(high)}${half(low)}`;
}

export function readFingerprint(packed: Buffer, at: number): Fingerprint {
  return { low: packed.readInt32LE(at), high: packed.readInt32LE(at + 4) };
}

/** Whether this one begins there. */
export function isFingerprintAt(packed: Buffer, at: number, { low, high }: Fingerprint): boolean {
  return packed.readInt32LE(at) === low && packed.readInt32LE(at + 4) === high;
}

export function writeFingerprint({ low, high }: Fingerprint, target: Buffer, at: number): void {
  writeWord(low, target, at);
  writeWord(high, target, at + 4);
}

/** Little-endian, without Buffer's checks of what is known to fit: of an event's cost they are several hundredths. */
function writeWord(word: number, target: Buffer, at: number): void {
  target[at] = word;
  target[at + 1] = word >>> 8;
  target[at + 2] = word >>> 16;
  target[at + 3] = word >>> 24;
}

/**
 * Where a fingerprint stands in packed entries of equal size, each beginning with one.
 * @returns the index of its first byte; −1 if it is not there
 */
export function findFingerprint(packed: Buffer, entryBytes: number, fingerprint: Fingerprint): number {
  const first = fingerprint.low & 0xff;
  for (let at = 0; at < packed.length; at += entryBytes) {
    // One byte tells of nearly all that they are others.
    if (packed[at] === first && isFingerprintAt(packed, at, fingerprint)) return at;
  }
  return -1;
}

export const FINGERPRINT_BYTES = 8;

const SEED_LOW = 0x2545f491;
const SEED_HIGH = 0x6c62272e;

/** Austin Appleby's MurmurHash3_x86_32 over the text's UTF-16LE bytes, as a signed integer. */
export function murmur3(text: string, seed: number): number {
  const { length } = text;
  let h = seed | 0;
  let i = 0;
  for (; i + 1 < length; i += 2) h = stirred(h ^ scramble(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)));
  if (i < length) h ^= scramble(text.charCodeAt(i));
  return finished(h, length);
}

function scramble(k: number): number {
  const mixed = Math.imul(k, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function stirred(h: number): number {
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(state: number, length: number): number {
  let h = state ^ (length * 2);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
