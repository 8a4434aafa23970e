import * as fc from "fast-check";
import { isUnion, schemaOf, type AvroRecord, type AvroSchema, type SchemaName } from "./schema.ts";

/** Any record of a schema, as a codec's `encode` wants it: every field present. */
export function anyRecord(name: SchemaName): fc.Arbitrary<Record<string, unknown>> {
  const named = new Map<string, AvroSchema>();
  return recordArbitrary(schemaOf(name), named);
}

function recordArbitrary(record: AvroRecord, named: Map<string, AvroSchema>): fc.Arbitrary<Record<string, unknown>> {
  named.set(record.name, record);
  return fc.record(Object.fromEntries(record.fields.map((field) => [field.name, valueArbitrary(field.type, named)])), {
    noNullPrototype: true,
  });
}

function valueArbitrary(schema: AvroSchema, named: Map<string, AvroSchema>): fc.Arbitrary<unknown> {
  if (typeof schema === "string") return PRIMITIVES[schema] ?? valueArbitrary(definitionOf(schema, named), named);
  if (isUnion(schema)) return fc.oneof(...schema.map((branch) => valueArbitrary(branch, named)));
  switch (schema.type) {
    case "record":
      return recordArbitrary(schema, named);
    case "enum":
      named.set(schema.name, schema);
      return fc.constantFrom(...schema.symbols);
    case "array":
      return fc.array(valueArbitrary(schema.items, named), { maxLength: 8 });
    case "map":
      return fc.dictionary(NAME, valueArbitrary(schema.values, named), { maxKeys: 8, noNullPrototype: true });
    case "long":
      return LONG;
  }
  return schema satisfies never;
}

/** Well-formed text of any script, sometimes long enough for lengths of two bytes. */
const TEXT = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 120 }));
const NAME = fc.string({ unit: "grapheme", maxLength: 12 }).filter((name) => name !== "__proto__");
/** As far down as avsc writes exactly. */
const LONG = fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 2 });

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  long: LONG,
  double: fc.double(),
  string: TEXT,
  bytes: fc.uint8Array({ maxLength: 200 }),
};

function definitionOf(name: string, named: Map<string, AvroSchema>): AvroSchema {
  const schema = named.get(name);
  if (schema === undefined) throw new Error(`${name} is used before it is defined`);
  return schema;
}
