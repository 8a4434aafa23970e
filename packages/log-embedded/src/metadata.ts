import { LogCorrupted } from "@tidemark/streams";
import type { KeyRange } from "./keys.ts";
import { readValues, type LevelInstance } from "./level-instance.ts";

/** All metadata is JSON: it is small, seldom written, and a person may have to read it. */
export function encodeMetadata(stored: object): Buffer {
  return Buffer.from(JSON.stringify(stored));
}

/** @throws LogCorrupted */
export function decodeMetadata(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString());
  } catch (error) {
    throw new LogCorrupted("the metadata of the log is damaged: restore it from a backup", { cause: error });
  }
}

/** All in a range of keys, in their order. @throws LogCorrupted, LogUnavailable */
export async function readMetadata<Stored>(level: LevelInstance, range: KeyRange): Promise<Stored[]> {
  return (await readValues(level, range)).map((value) => decodeMetadata(value) as Stored);
}
