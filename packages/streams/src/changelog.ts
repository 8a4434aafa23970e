/**
 * Keys on a changelog partition. Prefixes keep states apart from the runtime's own records; keys on public
 * topics stay bare (R15).
 */
export type ChangelogKey = { readonly kind: "state"; readonly key: string } | { readonly kind: "journal" | "barrier" };

const STATE_PREFIX = 0x70; // "p"
export const JOURNAL_KEY: Uint8Array = Buffer.from("j");
export const BARRIER_KEY: Uint8Array = Buffer.from("b");

export function stateKey(key: string): Uint8Array {
  return Buffer.from(`p${key}`);
}

export function parseChangelogKey(bytes: Uint8Array): ChangelogKey | null {
  if (bytes[0] === STATE_PREFIX) {
    return { kind: "state", key: Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1).toString() };
  }
  if (bytes.length === 1 && bytes[0] === JOURNAL_KEY[0]) return { kind: "journal" };
  if (bytes.length === 1 && bytes[0] === BARRIER_KEY[0]) return { kind: "barrier" };
  return null;
}
