import { VersionTooNew } from "./errors.ts";

/**
 * What a store says of itself, written atomically with its rows: up to which changelog offset it is whole, the
 * newest journal entry before that, and what its rows must add up to (R17).
 */
export interface Checkpoint {
  readonly formatVersion: number;
  /** Every changelog record before this offset is in the store (some later ones may be, which does no harm). */
  readonly offset: number;
  /** The newest journal entry before `offset`, as encoded in the changelog; null if there is none. */
  readonly journal: Uint8Array | null;
  /** States and timers. */
  readonly rows: number;
  readonly states: number;
  /** XOR of the digests of all rows, of their names and contents. */
  readonly digest: number;
  /** The boot of the machine that wrote it: a page cache does not survive another. */
  readonly bootId: string;
  /** Written by a clean stop, synced. */
  readonly clean: boolean;
  /** States were erased that may still lie on its disk; absent = none. */
  readonly purgeDue?: boolean;
  /** When the store was known to be as the log is: it knows of every tombstone before (R18). ms since the epoch, by the log's clock. */
  readonly asOf: number;
  /** State of the view's aggregate, if there is one. */
  readonly aggregate: Uint8Array | null;
}

/** 3: names of rows have another digest. A store of an older format is made anew from the changelog. */
export const STORE_FORMAT_VERSION = 3;

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  return Buffer.from(
    JSON.stringify({ ...checkpoint, journal: toBase64(checkpoint.journal), aggregate: toBase64(checkpoint.aggregate) }),
  );
}

/** @returns null if the bytes are no checkpoint of this format; @throws VersionTooNew */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint | null {
  let parsed: CheckpointJson | null;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString()) as CheckpointJson | null;
  } catch {
    return null;
  }
  if (typeof parsed?.formatVersion !== "number") return null;
  // Before any other field: a newer format may have others.
  if (parsed.formatVersion > STORE_FORMAT_VERSION) {
    throw new VersionTooNew(
      `the local store has format ${parsed.formatVersion}, this code reads up to ${STORE_FORMAT_VERSION}: upgrade, or delete the store`,
    );
  }
  if (parsed.formatVersion < STORE_FORMAT_VERSION || typeof parsed.offset !== "number") return null;
  return { ...parsed, journal: fromBase64(parsed.journal), aggregate: fromBase64(parsed.aggregate) };
}

type CheckpointJson = Omit<Checkpoint, "journal" | "aggregate"> & {
  readonly journal: string | null;
  readonly aggregate: string | null;
};

function toBase64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("base64");
}

function fromBase64(text: string | null): Uint8Array | null {
  return text === null ? null : Buffer.from(text, "base64");
}
