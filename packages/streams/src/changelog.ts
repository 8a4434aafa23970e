import { isMarkerName, markerKeyOf } from "./marker-name.ts";

/**
 * Keys on a changelog partition. Prefixes keep states apart from the runtime's own records; keys on public
 * topics stay bare (R15).
 */
export type ChangelogKey =
  | { readonly kind: "state" | "marker"; readonly key: string }
  | { readonly kind: "journal" | "barrier" };

const STATE_PREFIX = 0x70; // "p"
const MARKER_PREFIX = 0x65; // "e"
export const JOURNAL_KEY: Uint8Array = Buffer.from("j");
export const BARRIER_KEY: Uint8Array = Buffer.from("b");

export function stateKey(key: string): string {
  return `p${key}`;
}

/** Of a state, or of the marker that lies under a name among the states. */
export function entryKey(name: string): string {
  return isMarkerName(name) ? `e${markerKeyOf(name)}` : stateKey(name);
}

export function parseChangelogKey(bytes: Uint8Array): ChangelogKey | null {
  if (bytes[0] === STATE_PREFIX) return { kind: "state", key: afterPrefix(bytes) };
  if (bytes[0] === MARKER_PREFIX) return { kind: "marker", key: afterPrefix(bytes) };
  if (bytes.length === 1 && bytes[0] === JOURNAL_KEY[0]) return { kind: "journal" };
  if (bytes.length === 1 && bytes[0] === BARRIER_KEY[0]) return { kind: "barrier" };
  return null;
}

function afterPrefix(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1).toString();
}
