import { crc32 } from "node:zlib";
import { StateCorrupted } from "./errors.ts";
import { FNV_START, fnvStep } from "./fnv.ts";
import { isMarkerName, markerKeyOf } from "./marker-name.ts";
import type { Timer } from "./timer-heap.ts";

/**
 * How rows lie in a store. `p<key>` is a state behind its CRC-32, `r<key>` the marker of an erased one likewise;
 * `t<due, 16 digits><key>` is a timer, empty, so that a scan yields timers in the order (due, key); `m` is the checkpoint.
 */
export const CHECKPOINT_ROW = "m";
export const STATE_ROWS = { from: "p", to: "q" };
export const TIMER_ROWS = { from: "t", to: "u" };
/** All rows that the checkpoint's count and digest cover. */
export const COUNTED_ROWS = { from: "p", to: "u" };
export const EMPTY = new Uint8Array(0);

const DUE_DIGITS = 16;
const CHECKSUM_BYTES = 4;

export function stateRow(key: string): string {
  return `p${key}`;
}

/** Of a state, or of the marker that lies under a name among the states. */
export function entryRow(name: string): string {
  return isMarkerName(name) ? `r${markerKeyOf(name)}` : stateRow(name);
}

export function timerRow(due: number, key: string): string {
  return `t${Math.max(0, due).toString().padStart(DUE_DIGITS, "0")}${key}`;
}

export function parseTimerRow(row: string): Timer {
  return { due: Number(row.slice(1, 1 + DUE_DIGITS)), key: row.slice(1 + DUE_DIGITS) };
}

export function seal(bytes: Uint8Array): Uint8Array {
  return sealInto(Buffer.allocUnsafe(CHECKSUM_BYTES + bytes.length), 0, bytes);
}

/** Seals many contents next to each other, since memory of its own for each costs more than sealing it; null stays null. */
export function sealAll(contents: readonly (Uint8Array | null)[]): readonly (Uint8Array | null)[] {
  const size = contents.reduce((sum, bytes) => (bytes === null ? sum : sum + CHECKSUM_BYTES + bytes.length), 0);
  const buffer = Buffer.allocUnsafeSlow(size);
  let start = 0;
  return contents.map((bytes) => {
    if (bytes === null) return null;
    const sealed = sealInto(buffer, start, bytes);
    start += sealed.length;
    return sealed;
  });
}

function sealInto(buffer: Buffer, start: number, bytes: Uint8Array): Uint8Array {
  buffer.writeInt32LE(crc32(bytes) | 0, start);
  buffer.set(bytes, start + CHECKSUM_BYTES);
  return buffer.subarray(start, start + CHECKSUM_BYTES + bytes.length);
}

function contentOf(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(CHECKSUM_BYTES);
}

/** @throws StateCorrupted if the bytes are not those that were sealed */
export function unseal(sealed: Uint8Array): Uint8Array {
  const bytes = contentOf(sealed);
  if (sealed.length < CHECKSUM_BYTES || checksumOf(sealed) !== (crc32(bytes) | 0)) {
    throw new StateCorrupted("a row of the local store does not match its checksum");
  }
  return bytes;
}

/** @returns null if the bytes are not those that were sealed */
export function unsealOrNull(sealed: Uint8Array): Uint8Array | null {
  try {
    return unseal(sealed);
  } catch {
    return null;
  }
}

/** The checksum that {@link seal} has put before the content, as a signed integer: unsigned, half of them would be objects of their own. */
export function checksumOf(sealed: Uint8Array): number {
  let checksum = 0;
  for (let index = CHECKSUM_BYTES - 1; index >= 0; index--) checksum = (checksum << 8) | (sealed[index] ?? 0);
  return checksum;
}

/** Digest of a timer's row: a timer is all in its name. */
export function timerDigest(row: string): number {
  return rowDigest(nameDigest(row), 0);
}

/**
 * Digest of a state's row: name and content are mixed, so that rows that have changed places are seen too.
 * @param name {@link nameDigest} of the row's name
 * @param checksum of its content
 */
export function rowDigest(name: number, checksum: number): number {
  let h = Math.imul(name ^ Math.imul(checksum, 0x85ebca6b), 0x9e3779b1);
  // Products carry upwards only: without a way down, rows that differ in their highest bit alone could change places unseen.
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

/** FNV-1a of its UTF-16 units; {@link rowDigest} mixes it. Names are short: to have zlib compute their CRC-32 takes three times as long, most of it the way there. */
export function nameDigest(name: string): number {
  let hash = FNV_START;
  for (let index = 0; index < name.length; index++) hash = fnvStep(hash, name.charCodeAt(index));
  return hash;
}
