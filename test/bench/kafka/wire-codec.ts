import avsc, { type Schema, type Type } from "avsc";

/** Encodes and decodes values in the Confluent wire format: a zero byte, the schema's id as a big-endian 32-bit integer, Avro. */
export interface WireCodec<T> {
  /** A view on a shared chunk of memory that is never written again. @throws Error from avsc if the value is not a T */
  encode(value: T): Uint8Array;
  /** null where the bytes were not written with the schema. */
  decode(bytes: Uint8Array): T | null;
}

/** @param read the fields to decode of what was written with `schema`; default all */
export function wireCodec<T>(schemaId: number, schema: unknown, read: unknown = schema): WireCodec<T> {
  const type = typeOf(schema);
  const reader = read === schema ? type : typeOf(read);
  const resolver = read === schema ? undefined : reader.createResolver(type);
  return {
    encode: (value) => cut(type, schemaId, value),
    decode(bytes) {
      const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (buffer.length < HEADER_BYTES || buffer[0] !== 0 || buffer.readInt32BE(1) !== schemaId) return null;
      const { value, offset } = reader.decode(buffer, HEADER_BYTES, resolver);
      return offset === buffer.length ? (value as T) : null;
    },
  };
}

function typeOf(schema: unknown): Type {
  return avsc.Type.forSchema(schema as Schema, { omitRecordMethods: true });
}

const HEADER_BYTES = 5;
/** Values are cut off one after the other, since an allocation for each costs more than encoding it. */
const CHUNK_BYTES = 1_048_576;
let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
let next = 0;

function cut(type: Type, schemaId: number, value: unknown): Uint8Array {
  let end = type.encode(value, chunk, next + HEADER_BYTES);
  if (end < 0) {
    chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    next = 0;
    end = type.encode(value, chunk, HEADER_BYTES);
    if (end < 0) throw new Error("a value of the workload is smaller than a chunk");
  }
  chunk[next] = 0;
  chunk.writeInt32BE(schemaId, next + 1);
  const bytes = chunk.subarray(next, end);
  next = end;
  return bytes;
}
