import * as fc from "fast-check";
import { isUnion, schemaOf, type AvroRecord, type AvroSchema, type SchemaName } from "./schema.ts";

/**
 * Any record of a schema, as a codec's `encode` wants it: every field present.
 * @param longMax of longs the largest; down to its negative, or as far as avsc writes exactly
 */
export function anyRecord(name: SchemaName, longMax: number = LONG_MAX): fc.Arbitrary<Record<string, unknown>> {
  const primitives = { ...PRIMITIVES, long: fc.integer({ min: Math.max(LONG_MIN, -longMax), max: longMax }) };
  return new RecordArbitraries(primitives).record(schemaOf(name));
}

class RecordArbitraries {
  readonly #primitives: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  readonly #named = new Map<string, AvroSchema>();

  constructor(primitives: Readonly<Record<string, fc.Arbitrary<unknown>>>) {
    this.#primitives = primitives;
  }

  record(record: AvroRecord): fc.Arbitrary<Record<string, unknown>> {
    this.#named.set(record.name, record);
    return fc.record(Object.fromEntries(record.fields.map((field) => [field.name, this.#value(field.type)])), {
      noNullPrototype: true,
    });
  }

  #value(schema: AvroSchema): fc.Arbitrary<unknown> {
    if (typeof schema === "string") return this.#primitives[schema] ?? this.#value(this.#definitionOf(schema));
    if (isUnion(schema)) return fc.oneof(...schema.map((branch) => this.#value(branch)));
    switch (schema.type) {
      case "record":
        return this.record(schema);
      case "enum":
        this.#named.set(schema.name, schema);
        return fc.constantFrom(...schema.symbols);
      case "array":
        return fc.array(this.#value(schema.items), { maxLength: 8 });
      case "map":
        return fc.dictionary(NAME, this.#value(schema.values), { maxKeys: 8, noNullPrototype: true });
      case "long":
        return this.#value("long");
    }
    return schema satisfies never;
  }

  #definitionOf(name: string): AvroSchema {
    const schema = this.#named.get(name);
    if (schema === undefined) throw new Error(`${name} is used before it is defined`);
    return schema;
  }
}

/** Well-formed text of any script, sometimes long enough for lengths of two bytes. */
const TEXT = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 120 }));
const NAME = fc.string({ unit: "grapheme", maxLength: 12 }).filter((name) => name !== "__proto__");
/** As far down as avsc writes exactly. */
const LONG_MIN = -(2 ** 52);
const LONG_MAX = 2 ** 53 - 2;

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  double: fc.double(),
  string: TEXT,
  bytes: fc.uint8Array({ maxLength: 200 }),
};

/** Records as values: of plain objects, with bytes in one representation. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  }
  return value;
}
