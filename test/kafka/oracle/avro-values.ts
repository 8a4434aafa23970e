import avsc, { type Type } from "avsc";

/** Where a schema's text is had by its id; null = there is none. */
export type SchemaOf = (id: number) => string | null;

const HEADER_BYTES = 5;

/**
 * Decodes values in the Confluent wire format with the schema they were written with, as any consumer would: it shares
 * no code with the codecs under test.
 * @returns a decoder; it answers null for bytes that are no such value
 */
export function avroDecoder(schemaOf: SchemaOf): (value: Buffer | null) => unknown {
  const types = new Map<number, Type | null>();
  return (value) => {
    if (value === null || value.length < HEADER_BYTES || value[0] !== 0) return null;
    const id = value.readInt32BE(1);
    let type = types.get(id);
    if (type === undefined) {
      const schema = schemaOf(id);
      type =
        schema === null ? null : avsc.Type.forSchema(JSON.parse(schema) as Parameters<typeof avsc.Type.forSchema>[0]);
      types.set(id, type);
    }
    if (type === null) return null;
    try {
      return type.fromBuffer(value.subarray(HEADER_BYTES)) as unknown;
    } catch {
      return null; // Not a value of that schema: what the caller asked to know.
    }
  };
}
