import { readFileSync } from "node:fs";

/** An Avro schema as it is written in `schemas/`, the only place where records are defined. */
export type AvroSchema = string | readonly AvroSchema[] | AvroRecord | AvroEnum | AvroArray | AvroMap | AvroLong;

export interface AvroRecord {
  readonly type: "record";
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
  readonly doc?: string;
}

export interface AvroEnum {
  readonly type: "enum";
  readonly name: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface AvroArray {
  readonly type: "array";
  readonly items: AvroSchema;
}

export interface AvroMap {
  readonly type: "map";
  readonly values: AvroSchema;
}

export interface AvroLong {
  readonly type: "long";
  readonly logicalType: "timestamp-millis";
}

/** Every schema of ours: the name of its file in `schemas/` without the extension. */
export const SCHEMA_NAMES = [
  "purchases",
  "interactions",
  "complaints",
  "customers",
  "models",
  "scores",
  "tier-changes",
  "churn-alerts",
  "dead-letters",
  "processor-state",
  "journal",
  "barrier",
  "erasure",
  "ticks",
  "imports",
] as const;

export type SchemaName = (typeof SCHEMA_NAMES)[number];

const texts = new Map<SchemaName, string>();

/** The schema's text as committed; read once. */
export function schemaText(name: SchemaName): string {
  let text = texts.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(`../../../schemas/${name}.avsc`, import.meta.url), "utf8");
    texts.set(name, text);
  }
  return text;
}

/** The record that a schema file defines. */
export function schemaOf(name: SchemaName): AvroRecord {
  return JSON.parse(schemaText(name)) as AvroRecord;
}

/** A union is a list of types. (`Array.isArray` alone does not narrow a readonly list.) */
export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}
