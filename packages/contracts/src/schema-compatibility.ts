import { isUnion, type AvroField, type AvroSchema, type SchemaName } from "./schema.ts";
import { typeOf } from "./writer-schemas.ts";

/**
 * BACKWARD_TRANSITIVE: today's code reads all that was ever written. FULL_TRANSITIVE: and every earlier code reads
 * what today's writes, so that a rolling upgrade can move a partition both ways.
 */
export type CompatibilityPolicy = "BACKWARD_TRANSITIVE" | "FULL_TRANSITIVE";

/** What comes from outside may only grow; what this code makes is read by code of other versions too. */
export function policyOf(name: SchemaName): CompatibilityPolicy {
  return INPUTS.has(name) ? "BACKWARD_TRANSITIVE" : "FULL_TRANSITIVE";
}

const INPUTS: ReadonlySet<SchemaName> = new Set([
  "purchases",
  "interactions",
  "complaints",
  "customers",
  "models",
  "ticks",
]);

/** What keeps a schema from following an earlier one of its topic; empty = nothing does. */
export function incompatibilities(
  currentJson: string,
  earlierJson: string,
  policy: CompatibilityPolicy,
): readonly string[] {
  const current = typeOf(currentJson);
  const earlier = typeOf(earlierJson);
  const problems: string[] = [];
  const attempt = (what: string, resolve: () => unknown): void => {
    try {
      resolve();
    } catch (error) {
      problems.push(`${what}: ${(error as Error).message}`);
    }
  };
  attempt("what was written before cannot be read", () => current.createResolver(earlier));
  if (policy === "FULL_TRANSITIVE") {
    attempt("earlier code cannot read what is written now", () => earlier.createResolver(current));
  }
  problems.push(...silentChanges(JSON.parse(currentJson) as AvroSchema, JSON.parse(earlierJson) as AvroSchema));
  return problems;
}

/**
 * The first field by which a record does not follow an earlier one, as in `/items`; null where it is not about a
 * field, or the field's type cannot be looked at apart from its record.
 */
export function incompatibleField(
  currentJson: string,
  earlierJson: string,
  policy: CompatibilityPolicy,
): string | null {
  const current = fieldsOf(currentJson);
  const earlier = fieldsOf(earlierJson);
  for (const [name, field] of current) {
    const before = earlier.get(name);
    if (before === undefined ? field.default === undefined : !follows(field, before, policy)) return `/${name}`;
  }
  if (policy === "BACKWARD_TRANSITIVE") return null;
  const gone = [...earlier.values()].find(({ name, default: value }) => !current.has(name) && value === undefined);
  return gone === undefined ? null : `/${gone.name}`;
}

function fieldsOf(schemaJson: string): ReadonlyMap<string, AvroField> {
  const schema = JSON.parse(schemaJson) as AvroSchema;
  return new Map(isNamed(schema, "record") ? schema.fields.map((field) => [field.name, field]) : []);
}

function follows(field: AvroField, before: AvroField, policy: CompatibilityPolicy): boolean {
  try {
    return incompatibilities(JSON.stringify(field.type), JSON.stringify(before.type), policy).length === 0;
  } catch {
    // It names a type that another field defines.
    return true;
  }
}

/**
 * What would hinder later changes, or mislead a reader, and Avro allows: an enum without the default UNKNOWN, a
 * nullable field without the default null, a field without a doc.
 */
export function weaknesses(schemaJson: string): readonly string[] {
  const problems: string[] = [];
  for (const [path, schema, field] of walk(JSON.parse(schemaJson) as AvroSchema)) {
    if (isNamed(schema, "enum") && (schema.default !== "UNKNOWN" || !schema.symbols.includes("UNKNOWN"))) {
      problems.push(`${path} is an enum without the default UNKNOWN`);
    }
    if (field === undefined) continue;
    if ((field.doc ?? "") === "") problems.push(`${path} has no doc`);
    if (isUnion(schema) && (schema[0] !== "null" || field.default !== null)) {
      problems.push(`${path} is a union that does not begin with null and default to it`);
    }
  }
  return problems;
}

/** What Avro resolves without a word though the meaning changes: a symbol that is gone, another default or unit. */
function silentChanges(current: AvroSchema, earlier: AvroSchema): readonly string[] {
  const problems: string[] = [];
  const now = new Map([...walk(current)].map(([path, schema, field]) => [path, { schema, field }]));
  for (const [path, schema, field] of walk(earlier)) {
    const same = now.get(path);
    if (same === undefined) continue;
    if (isNamed(schema, "enum") && isNamed(same.schema, "enum")) {
      const { symbols } = same.schema;
      const gone = schema.symbols.filter((symbol) => !symbols.includes(symbol));
      if (gone.length > 0) problems.push(`${path} lost ${gone.join(", ")}: what was written would be read as UNKNOWN`);
    }
    if (field?.default !== undefined && JSON.stringify(field.default) !== JSON.stringify(same.field?.default)) {
      problems.push(`${path} has another default than before`);
    }
    if (logicalType(schema) !== logicalType(same.schema)) problems.push(`${path} has another logical type than before`);
  }
  return problems;
}

type Visit = readonly [path: string, schema: AvroSchema, field: AvroField | undefined];

/** Every type in a schema with where it stands. */
function* walk(schema: AvroSchema, path: string = "", field?: AvroField): Generator<Visit> {
  yield [path, schema, field];
  if (typeof schema === "string") return;
  if (isUnion(schema)) {
    for (const branch of schema) yield* walk(branch, `${path}|${branchName(branch)}`);
    return;
  }
  switch (schema.type) {
    case "record":
      for (const inner of schema.fields) yield* walk(inner.type, `${path}/${inner.name}`, inner);
      return;
    case "array":
      yield* walk(schema.items, `${path}[]`);
      return;
    case "map":
      yield* walk(schema.values, `${path}{}`);
      return;
    case "enum":
    case "long":
  }
}

function branchName(schema: AvroSchema): string {
  if (typeof schema === "string") return schema;
  if (isUnion(schema)) return "";
  return "name" in schema ? schema.name : schema.type;
}

function isNamed<K extends "enum" | "record">(
  schema: AvroSchema,
  kind: K,
): schema is Extract<AvroSchema, { readonly type: K }> {
  return typeof schema === "object" && "type" in schema && schema.type === kind;
}

function logicalType(schema: AvroSchema): string | undefined {
  return typeof schema === "object" && "logicalType" in schema ? schema.logicalType : undefined;
}
