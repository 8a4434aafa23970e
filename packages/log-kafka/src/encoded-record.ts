import { keyBytes, type RecordKey, type RecordToAppend, writeKey } from "@tidemark/streams";
import { writeZigzag, zigzagBytes } from "./zigzag.ts";

/** Attributes, time delta and number of headers: a zero of one byte each. */
const ZEROS_BYTES = 3;

/** Bytes that a record takes in a batch, its own length included. */
export function encodedRecordBytes(record: RecordToAppend, offsetDelta: number): number {
  const body = bodyBytes(record, offsetDelta);
  return zigzagBytes(body) + body;
}

/** @returns the position after what was written */
export function writeRecord(bytes: Buffer, position: number, record: RecordToAppend, offsetDelta: number): number {
  position = writeZigzag(bytes, position, bodyBytes(record, offsetDelta));
  bytes[position++] = 0;
  bytes[position++] = 0;
  position = writeZigzag(bytes, position, offsetDelta);
  position = writeField(bytes, position, record.key);
  position = writeField(bytes, position, record.value);
  bytes[position++] = 0;
  return position;
}

function bodyBytes({ key, value }: RecordToAppend, offsetDelta: number): number {
  return ZEROS_BYTES + zigzagBytes(offsetDelta) + fieldBytes(key) + fieldBytes(value);
}

function fieldBytes(field: RecordKey): number {
  if (field === null) return 1;
  const length = keyBytes(field);
  return zigzagBytes(length) + length;
}

function writeField(bytes: Buffer, position: number, field: RecordKey): number {
  if (field === null) return writeZigzag(bytes, position, -1);
  return writeKey(bytes, writeZigzag(bytes, position, keyBytes(field)), field);
}
