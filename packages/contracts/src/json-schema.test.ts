import { describe, expect, test } from "vitest";
import { jsonSchemaOf } from "./json-schema.ts";
import { schemaOf } from "./schema.ts";

describe.each(["purchases", "interactions", "complaints", "customers"] as const)("%s", (topic) => {
  const schema = jsonSchemaOf(topic);
  const properties = schema["properties"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  test("has the type of the event and every field of the record, and refuses others", () => {
    expect(Object.keys(properties)).toEqual(["type", ...schemaOf(topic).fields.map((field) => field.name)]);
    expect(schema["additionalProperties"]).toBe(false);
  });

  test("requires what has no default", () => {
    expect(schema["required"]).toEqual(expect.arrayContaining(["type", "eventId", "customerId", "occurredAt"]));
    expect(schema["required"]).not.toContain("source");
  });

  test("explains every field, and never offers UNKNOWN", () => {
    for (const field of schemaOf(topic).fields) expect(properties[field.name]?.["description"]).toBe(field.doc);
    expect(JSON.stringify(properties, (key, value: unknown) => (key === "description" ? "" : value))).not.toContain(
      '"UNKNOWN"',
    );
  });
});

test("bounds, nullability and times are those of the rules", () => {
  const { properties } = jsonSchemaOf("purchases") as { properties: Readonly<Record<string, unknown>> };
  expect(properties["amountMinor"]).toMatchObject({ type: "integer", minimum: 0, maximum: 1e12 });
  expect(properties["quantity"]).toMatchObject({ type: ["number", "null"], minimum: 0, default: null });
  expect(properties["customerId"]).toMatchObject({ type: "string", minLength: 1, maxLength: 128 });
  expect(properties["attributes"]).toMatchObject({ type: "object", maxProperties: 16 });
  expect(properties["occurredAt"]).toMatchObject({ anyOf: [{ format: "date-time" }, { type: "integer" }] });
  expect(properties["dueAt"]).toMatchObject({ anyOf: [{}, { type: "null" }] });
  expect(properties["type"]).toEqual({ type: "string", const: "purchase" });
});
