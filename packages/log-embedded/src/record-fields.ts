import { keyBytes, type RecordToAppend, writeKey } from "@tidemark/streams";
import { varintBytes, writeVarint } from "./varint.ts";

/** Bytes that a record takes in a batch that is not sparse. */
export function recordBytes({ key, value }: RecordToAppend): number {
  return fieldBytes(key === null ? null : keyBytes(key)) + fieldBytes(value === null ? null : value.length);
}

/**
 * Key bytes + 1 (0 = null), value bytes + 1 (0 = null), key, value.
 * @returns the position after what was written
 */
export function writeRecord(bytes: Buffer, position: number, { key, value }: RecordToAppend): number {
  position = writeVarint(bytes, position, key === null ? 0 : keyBytes(key) + 1);
  position = writeVarint(bytes, position, value === null ? 0 : value.length + 1);
  position = writeKey(bytes, position, key);
  if (value !== null) {
    bytes.set(value, position);
    position += value.length;
  }
  return position;
}

function fieldBytes(length: number | null): number {
  return length === null ? 1 : varintBytes(length + 1) + length;
}
