import { writeFileSync } from "node:fs";
import { isUnion, SCHEMA_NAMES, schemaOf, type AvroEnum, type AvroRecord, type AvroSchema } from "../src/schema.ts";

/**
 * The text of `src/records.ts`: one interface a record and one union of literals an enum of `schemas/`.
 * Field names are Avro's; nullable is `T | null`; `bytes` is Uint8Array; every number fits a double exactly.
 * @throws Error if two schema files define one name differently
 */
export function renderRecords(): string {
  const declarations = new Map<string, string>();
  for (const name of SCHEMA_NAMES) {
    collect(schemaOf(name), declarations);
  }
  return (
    [
      "// Generated from schemas/*.avsc: `node packages/contracts/scripts/generate-records.ts`. A test compares.",
      ...declarations.values(),
    ].join("\n\n") + "\n"
  );
}

function collect(schema: AvroSchema, declarations: Map<string, string>): void {
  if (typeof schema === "string") return;
  if (isUnion(schema)) {
    for (const branch of schema) collect(branch, declarations);
    return;
  }
  switch (schema.type) {
    case "record":
      declare(schema.name, recordText(schema), declarations);
      for (const field of schema.fields) collect(field.type, declarations);
      return;
    case "enum":
      declare(schema.name, enumText(schema), declarations);
      return;
    case "array":
      collect(schema.items, declarations);
      return;
    case "map":
      collect(schema.values, declarations);
      return;
    case "long":
      return;
  }
}

function declare(name: string, text: string, declarations: Map<string, string>): void {
  const before = declarations.get(name);
  if (before !== undefined && before !== text) {
    throw new Error(`schemas/ define ${name} in two ways`);
  }
  declarations.set(name, text);
}

function recordText(record: AvroRecord): string {
  const fields = record.fields.map((field) => {
    return `${comment(field.doc, "  ")}  readonly ${field.name}: ${typeText(field.type)};`;
  });
  return [`${comment(record.doc, "")}export interface ${record.name} {`, ...fields, "}"].join("\n");
}

function enumText(schema: AvroEnum): string {
  const head = `${comment(schema.doc, "")}export type ${schema.name} =`;
  const literals = schema.symbols.map((symbol) => JSON.stringify(symbol));
  const line = `export type ${schema.name} = ${literals.join(" | ")};`;
  // As the formatter breaks it, so that the committed file is both formatted and equal to this text.
  return line.length <= LINE_CHARACTERS_MAX
    ? `${head} ${literals.join(" | ")};`
    : `${head}\n  | ${literals.join("\n  | ")};`;
}

function typeText(schema: AvroSchema): string {
  if (typeof schema === "string") return PRIMITIVES[schema] ?? schema;
  if (isUnion(schema)) {
    const nullLast = schema.toSorted((a, b) => Number(a === "null") - Number(b === "null"));
    return nullLast.map(typeText).join(" | ");
  }
  switch (schema.type) {
    case "record":
    case "enum":
      return schema.name;
    case "array":
      return `readonly ${typeText(schema.items)}[]`;
    case "map":
      return `Readonly<Record<string, ${typeText(schema.values)}>>`;
    case "long":
      return "number";
  }
  return schema satisfies never;
}

const LINE_CHARACTERS_MAX = 120;

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: "null",
  boolean: "boolean",
  int: "number",
  long: "number",
  float: "number",
  double: "number",
  string: "string",
  bytes: "Uint8Array",
};

function comment(doc: string | undefined, indent: string): string {
  return doc === undefined ? "" : `${indent}/** ${doc} */\n`;
}

if (import.meta.main) {
  writeFileSync(new URL("../src/records.ts", import.meta.url), renderRecords());
}
