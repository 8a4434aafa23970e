import type { Type } from "avsc";
import { UNUSUAL } from "./compiled/compile-reader.ts";
import { compileSelection } from "./compiled/compile-selection.ts";
import { MalformedRecord, SchemaMissing } from "./errors.ts";
import type { AvroRecord } from "./schema.ts";
import { HEADER_BYTES } from "./slab.ts";
import { typeOf, type WriterSchemas } from "./writer-schemas.ts";

/**
 * A decoder of some fields of a record, which skips the others: a tenth of the cost of the whole where the record is
 * long. For bytes that were checked before, as those in a changelog are: it does not look for bytes that lie. Bytes in what it gives may be
 * views on what they were read from: they are not to be written to, nor to be kept.
 * @throws SchemaMissing, MalformedRecord
 */
export type Selection<T, Name extends keyof T> = (bytes: Uint8Array) => Pick<T, Name>;

export interface SelectionParts {
  readonly schemaJson: string;
  readonly schemaId: number;
  readonly writers: WriterSchemas;
}

/** @param fields none of them may use a type that is named in a field left out */
export function createSelection<T, Name extends keyof T & string>(
  { schemaJson, schemaId, writers }: SelectionParts,
  fields: readonly Name[],
): Selection<T, Name> {
  const record = JSON.parse(schemaJson) as AvroRecord;
  const names: readonly string[] = fields;
  const wanted = record.fields.filter(({ name }) => names.includes(name));
  const type = typeOf(JSON.stringify({ ...record, fields: wanted }));
  const selectUsual = compileSelection(typeOf(schemaJson), fields) ?? (() => UNUSUAL);
  const resolvers = new Map([[schemaId, type.createResolver(typeOf(schemaJson))]]);

  const resolverOf = (id: number): ReturnType<Type["createResolver"]> => {
    const known = resolvers.get(id);
    if (known !== undefined) return known;
    const writer = writers.get(id);
    if (writer === undefined) throw new SchemaMissing(id);
    if (writer.kind !== "known") throw new MalformedRecord("SCHEMA_UNKNOWN", `schema ${id} cannot be read`);
    const resolver = type.createResolver(writer.type);
    resolvers.set(id, resolver);
    return resolver;
  };

  return (bytes) => {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (buffer.length < HEADER_BYTES) throw new MalformedRecord("MALFORMED_RECORD", "the value has no schema id");
    const id = buffer.readInt32BE(1);
    if (id === schemaId && buffer[0] === 0) {
      const value = selectUsual(buffer, HEADER_BYTES);
      if (value !== UNUSUAL) return value as Pick<T, Name>;
    }
    return type.decode(buffer, HEADER_BYTES, resolverOf(id)).value as Pick<T, Name>;
  };
}
