import type { Type, types } from "avsc";
import { compileReader, UNUSUAL } from "./compiled/compile-reader.ts";
import { compileWriter } from "./compiled/compile-writer.ts";
import { MalformedRecord, SchemaMissing, UnencodableRecord } from "./errors.ts";
import { createSelection, type Selection } from "./selection.ts";
import { type Encoder, HEADER_BYTES, type Slab } from "./slab.ts";
import { endOfValue, structureOf, wireFaultReason, type Structure } from "./wire-structure.ts";
import { typeOf, type WriterSchemas } from "./writer-schemas.ts";

/**
 * Encodes and decodes the values of one topic: Avro in the Confluent wire format (a zero byte, the schema's id
 * as a big-endian 32-bit integer, the record). Both are synchronous.
 *
 * What is usual is written and read by code made from the schema, which costs a third of what avsc does; avsc is the authority: whatever
 * that code does not know, or would not take, is left to it.
 */
export interface Codec<T> {
  /** The id that {@link encode} writes. */
  readonly schemaId: number;
  /**
   * The bytes are a view on a shared chunk of memory; they are never written again, and need no copy.
   * Longs below −2^52 are beyond what avsc writes exactly: keep them out. Bytes may be any Uint8Array.
   * @throws UnencodableRecord if the value is not a T
   */
  encode(value: T): Uint8Array;
  /** The id of the schema that a value was written with, if it has to be loaded before {@link decode}. */
  schemaMissing(bytes: Uint8Array): number | null;
  /** @throws SchemaMissing (load it, then decode again), MalformedRecord */
  decode(bytes: Uint8Array): T;
  /**
   * For bytes that {@link encode} made and a checksum has kept since, as a store's: it does not look for bytes that lie.
   * @throws as {@link decode}
   */
  decodeTrusted(bytes: Uint8Array): T;
  /** A decoder of some fields only. */
  select<Name extends keyof T & string>(fields: readonly Name[]): Selection<T, Name>;
}

export interface CodecParts {
  readonly schemaJson: string;
  readonly schemaId: number;
  readonly writers: WriterSchemas;
  readonly slab: Slab;
}

export function createCodec<T>({ schemaJson, schemaId, writers, slab }: CodecParts): Codec<T> {
  const type = typeOf(schemaJson);
  const bytesFields = bytesFieldsOf(type);
  const encoder: Encoder<T> = {
    encodeUsual: compileWriter(type) ?? (() => -1),
    encode: (value, buffer, position) => type.encode(withBuffers(value, bytesFields), buffer, position),
  };
  const readUsual = compileReader(type) ?? (() => UNUSUAL);
  const own: Reader = { structure: structureOf(type), resolver: undefined };
  const readers = new Map<number, Reader | MalformedRecord>([[schemaId, own]]);

  const readerOf = (id: number): Reader => {
    let reader = readers.get(id);
    if (reader === undefined) {
      reader = createReader(type, id, writers);
      readers.set(id, reader);
    }
    if (reader instanceof MalformedRecord) throw reader;
    return reader;
  };

  const readerFor = (buffer: Buffer): Reader => {
    if (buffer.length < HEADER_BYTES || buffer[0] !== 0) {
      throw new MalformedRecord("MALFORMED_RECORD", "the value does not begin with a zero byte and a schema id");
    }
    return readerOf(buffer.readInt32BE(1));
  };

  const usualOf = (reader: Reader, buffer: Buffer): unknown =>
    reader === own ? readUsual(buffer, HEADER_BYTES) : UNUSUAL;

  return {
    schemaId,
    encode(value) {
      try {
        return slab.encode(encoder, schemaId, value);
      } catch {
        // avsc's message quotes the value, so it must not go on as the cause.
        throw new UnencodableRecord(faultyField(type, value));
      }
    },
    schemaMissing(bytes) {
      if (bytes.length < HEADER_BYTES || bytes[0] !== 0) return null;
      const id = asBuffer(bytes).readInt32BE(1);
      return readers.has(id) || writers.get(id) !== undefined ? null : id;
    },
    decode(bytes) {
      const buffer = asBuffer(bytes);
      const reader = readerFor(buffer);
      const usual = usualOf(reader, buffer);
      if (usual !== UNUSUAL) return usual as T;
      const end = endOfValue(reader.structure, buffer, HEADER_BYTES);
      if (end < 0) throw new MalformedRecord("MALFORMED_RECORD", wireFaultReason(end));
      if (end !== buffer.length) {
        throw new MalformedRecord("MALFORMED_RECORD", "the value goes on after its last field");
      }
      return type.decode(buffer, HEADER_BYTES, reader.resolver).value as T;
    },
    decodeTrusted(bytes) {
      const buffer = asBuffer(bytes);
      const reader = readerFor(buffer);
      const usual = usualOf(reader, buffer);
      if (usual !== UNUSUAL) return usual as T;
      return type.decode(buffer, HEADER_BYTES, reader.resolver).value as T;
    },
    select: (fields) => createSelection({ schemaJson, schemaId, writers }, fields),
  };
}

/** How to read what one writer schema wrote. */
interface Reader {
  readonly structure: Structure;
  /** undefined: written with the very schema it is read with. */
  readonly resolver: Resolver | undefined;
}

type Resolver = ReturnType<Type["createResolver"]>;

/** Returns what stays true of an id, and throws what may change. */
function createReader(type: Type, id: number, writers: WriterSchemas): Reader | MalformedRecord {
  const writer = writers.get(id);
  if (writer === undefined) throw new SchemaMissing(id);
  if (writer.kind === "unknown") {
    throw new MalformedRecord("SCHEMA_UNKNOWN", `the registry has no schema ${id}`);
  }
  if (writer.kind === "unreadable") {
    throw new MalformedRecord("SCHEMA_UNKNOWN", `schema ${id} of the registry is no Avro schema`);
  }
  try {
    return { structure: writer.structure, resolver: type.createResolver(writer.type) };
  } catch {
    return new MalformedRecord("SCHEMA_MISMATCH", `schema ${id} cannot be read as ${type.name ?? type.typeName}`);
  }
}

/** avsc reads and writes Buffers only. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesFieldsOf(type: Type): readonly string[] {
  return (type as types.RecordType).fields
    .filter(({ type: field }) => {
      const branches = field.typeName === "union:unwrapped" ? (field as types.UnwrappedUnionType).types : [field];
      return branches.some((branch) => branch.typeName === "bytes");
    })
    .map((field) => field.name);
}

/** The value itself where all its bytes are Buffers already, a copy otherwise. */
function withBuffers(value: unknown, fields: readonly string[]): unknown {
  const record = value as Readonly<Record<string, unknown>>;
  let buffers: Record<string, Buffer> | undefined;
  for (const field of fields) {
    const bytes = record[field];
    if (bytes instanceof Uint8Array && !Buffer.isBuffer(bytes)) {
      buffers ??= {};
      buffers[field] = asBuffer(bytes);
    }
  }
  return buffers === undefined ? value : { ...record, ...buffers };
}

function faultyField(type: Type, value: unknown): string {
  let field = "";
  type.isValid(value, {
    errorHook(path) {
      field = path[0] ?? field;
    },
  });
  return `${type.name ?? type.typeName}${field === "" ? "" : `.${field}`} is not of its type`;
}
