import type { RecordToAppend } from "@tidemark/streams";
import { varintBytes, writeVarint } from "./varint.ts";

/** Bytes that a record takes in a batch that is not sparse. */
export function recordBytes({ key, value }: RecordToAppend): number {
  return fieldBytes(key) + fieldBytes(value);
}

/**
 * Key bytes + 1 (0 = null), value bytes + 1 (0 = null), key, value.
 * @returns the position after what was written
 */
export function writeRecord(bytes: Uint8Array, position: number, { key, value }: RecordToAppend): number {
  position = writeVarint(bytes, position, key === null ? 0 : key.length + 1);
  position = writeVarint(bytes, position, value === null ? 0 : value.length + 1);
  if (key !== null) {
    bytes.set(key, position);
    position += key.length;
  }
  if (value !== null) {
    bytes.set(value, position);
    position += value.length;
  }
  return position;
}

function fieldBytes(field: Uint8Array | null): number {
  return field === null ? 1 : varintBytes(field.length + 1) + field.length;
}
