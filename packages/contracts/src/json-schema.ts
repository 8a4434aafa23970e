import { ATTRIBUTES_MAX, ID_BYTES_MAX, ruleOf, TEXT_BYTES_MAX, withoutNull, type FieldRule } from "./field-rule.ts";
import { TOPIC_BY_TYPE } from "./input-event.ts";
import type { InputTopic } from "./input-record.ts";
import { isUnion, schemaOf, type AvroField, type AvroSchema } from "./schema.ts";

/** A JSON Schema, draft 2020-12, as a plain object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of an input event, `type` included, derived from the Avro schema and the rules of its fields.
 * For people and generators; what is accepted is decided by `parseInputEvent`, which knows more.
 */
export function jsonSchemaOf(topic: InputTopic): JsonSchema {
  const record = schemaOf(topic);
  const type = [...TOPIC_BY_TYPE].find(([, to]) => to === topic)?.[0];
  const required = record.fields.filter((field) => field.default === undefined).map((field) => field.name);
  return {
    title: record.name,
    description: record.doc,
    type: "object",
    properties: {
      type: { type: "string", const: type },
      ...Object.fromEntries(record.fields.map((field) => [field.name, fieldSchema(field)])),
    },
    required: ["type", ...required],
    additionalProperties: false,
  };
}

function fieldSchema(field: AvroField): JsonSchema {
  const type = withoutNull(field.type);
  const value = valueSchema(type, ruleOf(field));
  const schema = isUnion(field.type) ? nullable(value) : value;
  return {
    ...(field.doc === undefined ? {} : { description: field.doc }),
    ...schema,
    ...(field.default === undefined ? {} : { default: field.default }),
  };
}

function nullable(schema: JsonSchema): JsonSchema {
  if (typeof schema["type"] === "string" && schema["enum"] === undefined) {
    return { ...schema, type: [schema["type"], "null"] };
  }
  return { anyOf: [schema, { type: "null" }] };
}

function valueSchema(type: AvroSchema, rule: FieldRule): JsonSchema {
  switch (rule.kind) {
    case "id":
    case "customerId":
      // In characters, so an upper bound of what the rule counts in bytes.
      return { type: "string", minLength: 1, maxLength: ID_BYTES_MAX };
    case "text":
      return { type: "string", maxLength: TEXT_BYTES_MAX };
    case "currency":
      return { type: "string", pattern: "^[A-Z]{3}$" };
    case "time":
      return {
        anyOf: [
          { type: "string", format: "date-time" },
          { type: "integer", minimum: 0 },
        ],
      };
    case "flag":
      return { type: "boolean" };
    case "range":
      return { type: type === "double" ? "number" : "integer", minimum: rule.min, maximum: rule.max };
    case "symbol":
      return { type: "string", enum: symbolsOf(type).filter((symbol) => symbol !== "UNKNOWN") };
    case "map":
      return {
        type: "object",
        maxProperties: ATTRIBUTES_MAX,
        additionalProperties: valueSchema(valuesOf(type), rule.values),
      };
    case "list":
      return { type: "array", maxItems: rule.itemsMax, items: valueSchema(valuesOf(type), rule.items) };
  }
  return rule satisfies never;
}

function symbolsOf(type: AvroSchema): readonly string[] {
  return typeof type === "object" && !isUnion(type) && type.type === "enum" ? type.symbols : [];
}

function valuesOf(type: AvroSchema): AvroSchema {
  if (typeof type === "object" && !isUnion(type)) {
    if (type.type === "map") return type.values;
    if (type.type === "array") return type.items;
  }
  throw new Error("neither a map nor a list");
}
