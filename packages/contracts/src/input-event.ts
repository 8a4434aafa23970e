import { checkEventTime, EVENT_CLAMPED_MS_MAX, parseInstant } from "./event-time.ts";
import { withoutNull } from "./field-rule.ts";
import { InputProblem, type InputCode } from "./input-problem.ts";
import { problemOf, type InputRecords, type InputTopic } from "./input-record.ts";
import { isUnion, schemaOf, type AvroField, type AvroSchema } from "./schema.ts";

export type InputEventType = "purchase" | "interaction" | "complaint" | "customer";

/** Which topic an event goes to. */
export const TOPIC_BY_TYPE: ReadonlyMap<string, InputTopic> = new Map([
  ["purchase", "purchases"],
  ["interaction", "interactions"],
  ["complaint", "complaints"],
  ["customer", "customers"],
]);

export type InputEvent = {
  readonly [T in InputTopic]: {
    readonly ok: true;
    readonly type: InputEventType;
    readonly topic: T;
    readonly record: InputRecords[T];
  };
}[InputTopic];

export interface RejectedEvent {
  readonly ok: false;
  readonly code: InputCode;
  /** JSON pointer (RFC 6901); "" is the whole event. */
  readonly path: string;
  /** For a person; never holds a value of the input. */
  readonly message: string;
}

export interface InputOptions {
  /** The clock that times in the future are measured by, ms since the epoch; null = nothing is too far ahead. */
  readonly referenceAt: number | null;
}

/**
 * Reads one event as it comes by HTTP or in a file: `{"type", …fields of the Avro record}`. Fields with a default
 * may be left out; times are RFC 3339 or ms since the epoch. Never throws, however bad the input.
 */
export function parseInputEvent(json: unknown, options: InputOptions): InputEvent | RejectedEvent {
  const result = parse(json, options);
  if (!(result instanceof InputProblem)) return result;
  return { ok: false, code: result.code, path: result.path, message: result.message };
}

function parse(json: unknown, options: InputOptions): InputEvent | InputProblem {
  if (!isObject(json)) return new InputProblem("WRONG_TYPE", "", "an event must be an object");
  const type = Object.hasOwn(json, "type") ? json["type"] : undefined;
  const topic = typeof type === "string" ? TOPIC_BY_TYPE.get(type) : undefined;
  if (topic === undefined) {
    return new InputProblem("UNKNOWN_TYPE", "/type", `must be one of ${[...TOPIC_BY_TYPE.keys()].join(", ")}`);
  }
  const record = parseRecord(json, topic);
  if (record instanceof InputProblem) return record;
  const event = { ok: true, type, topic, record } as InputEvent;
  const problem = problemOf(topic, event.record);
  if (problem !== null) return problem;
  if (checkEventTime(event.record.occurredAt, options.referenceAt) === "refused") {
    const days = EVENT_CLAMPED_MS_MAX / 86_400_000;
    return new InputProblem("TIME_OUT_OF_RANGE", "/occurredAt", `must not be more than ${days} days ahead`);
  }
  return event;
}

function parseRecord(json: Readonly<Record<string, unknown>>, topic: InputTopic): object {
  const { fields, template, required, fresh } = shapeOf(topic);
  const names = Object.keys(json);
  for (const name of names) {
    if (name !== "type" && !fields.has(name)) {
      return new InputProblem("UNKNOWN_FIELD", pathOf(name), "is not a field of this type of event");
    }
  }
  // All fields are there from the start: an object that grows field by field is copied again and again.
  const record = { ...template };
  for (const name of names) {
    const field = fields.get(name);
    if (field === undefined) continue;
    const given = json[name];
    const value = given === null && field.nullable ? null : parsePresent(field.type, given, field.path);
    if (value instanceof InputProblem) return value;
    record[name] = value;
  }
  for (const { name, path } of required) {
    if (record[name] === undefined) return new InputProblem("MISSING_FIELD", path, "is required");
  }
  for (const { name, make } of fresh) if (record[name] === undefined) record[name] = make();
  return record;
}

/** A path that quotes the sender's own name only where it looks like one: a name may hold anything. */
function pathOf(name: string): string {
  return /^[A-Za-z_]\w{0,63}$/.test(name) ? `/${name}` : "";
}

/** The value as the codec wants it, or what is wrong with its type. */
function parseValue(schema: AvroSchema, value: unknown, path: string): unknown {
  return value === null && isUnion(schema) ? null : parsePresent(withoutNull(schema), value, path);
}

/** As {@link parseValue}, of a type that null does not belong to. */
function parsePresent(type: AvroSchema, value: unknown, path: string): unknown {
  if (typeof type === "string") return parsePrimitive(type, value, path);
  if (isUnion(type)) throw new Error("an input field has one type, or that and null");
  switch (type.type) {
    case "long":
      return parseTime(value, path);
    case "enum":
      return parseSymbol(type.symbols, value, path);
    case "map":
      return parseMap(type.values, value, path);
    case "array":
      return parseList(type.items, value, path);
    case "record":
      throw new Error("input records are flat");
  }
  return type satisfies never;
}

function parsePrimitive(type: string, value: unknown, path: string): unknown {
  switch (type) {
    case "string":
      if (typeof value !== "string") return wrongType(path, "a string");
      return value.isWellFormed()
        ? value
        : new InputProblem("STRING_INVALID", path, "must not hold half a surrogate pair");
    case "boolean":
      return typeof value === "boolean" ? value : wrongType(path, "true or false");
    case "double":
      return Number.isFinite(value) ? value : wrongType(path, "a finite number");
    case "int":
    case "long":
      // Its range is a rule of the field.
      return isInteger(value) ? value + 0 : wrongType(path, "an integer");
    default:
      throw new Error(`no input field is of type ${type}`);
  }
}

function parseTime(value: unknown, path: string): unknown {
  const at = typeof value === "string" ? parseInstant(value) : value;
  return isInteger(at)
    ? at + 0
    : new InputProblem(
        "TIME_INVALID",
        path,
        "must be an RFC 3339 time with its offset, such as 2026-01-31T12:00:00Z, or ms since 1970 as an integer",
      );
}

function parseSymbol(symbols: readonly string[], value: unknown, path: string): unknown {
  // UNKNOWN itself is refused by the field's rule, for JSON and for the log alike.
  if (typeof value === "string" && symbols.includes(value)) return value;
  const known = symbols.filter((symbol) => symbol !== "UNKNOWN").join(", ");
  return new InputProblem("UNKNOWN_SYMBOL", path, `must be one of ${known}`);
}

function parseMap(values: AvroSchema, value: unknown, path: string): unknown {
  if (!isObject(value)) return wrongType(path, "an object");
  const map: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    // Assigned to a plain object it would vanish without a word.
    if (name === "__proto__" || !name.isWellFormed()) {
      return new InputProblem("NAME_INVALID", path, "has a name that cannot be kept");
    }
    const parsed = parseValue(values, value[name], path);
    if (parsed instanceof InputProblem) return parsed;
    map[name] = parsed;
  }
  return map;
}

function parseList(items: AvroSchema, value: unknown, path: string): unknown {
  if (!Array.isArray(value)) return wrongType(path, "a list");
  const list: unknown[] = [];
  for (const [index, item] of (value as readonly unknown[]).entries()) {
    const parsed = parseValue(items, item, `${path}/${index}`);
    if (parsed instanceof InputProblem) return parsed;
    list.push(parsed);
  }
  return list;
}

function wrongType(path: string, wanted: string): InputProblem {
  return new InputProblem("WRONG_TYPE", path, `must be ${wanted}`);
}

/** JSON knows a -0 and Avro's integers do not: adding 0 makes the one zero of it, so that what is stored is what was taken. */
function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a record of a topic is made by. */
interface RecordShape {
  readonly fields: ReadonlyMap<string, ShapedField>;
  /** The defaults; undefined for fields that have none, and for {@link fresh} ones. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly required: readonly ShapedField[];
  /** Fields whose default is a map or a list, which each record has for itself. */
  readonly fresh: readonly { readonly name: string; readonly make: () => unknown }[];
}

interface ShapedField {
  readonly name: string;
  readonly path: string;
  readonly nullable: boolean;
  /** Where it is not null. */
  readonly type: AvroSchema;
}

const shapes = new Map<InputTopic, RecordShape>();

function shapeOf(topic: InputTopic): RecordShape {
  let shape = shapes.get(topic);
  if (shape === undefined) {
    shape = newShape(schemaOf(topic).fields);
    shapes.set(topic, shape);
  }
  return shape;
}

function newShape(fields: readonly AvroField[]): RecordShape {
  const shaped = fields.map(({ name, type }) => {
    return { name, path: `/${name}`, nullable: isUnion(type), type: withoutNull(type) };
  });
  const isFresh = (field: AvroField): boolean => typeof field.default === "object" && field.default !== null;
  return {
    fields: new Map(shaped.map((field) => [field.name, field])),
    template: Object.fromEntries(fields.map((field) => [field.name, isFresh(field) ? undefined : field.default])),
    required: shaped.filter((_, index) => fields[index]?.default === undefined),
    fresh: fields.filter(isFresh).map((field) => ({ name: field.name, make: makerOf(field.default as object) })),
  };
}

/** To clone an empty map or list costs more than all the rest of reading an event. */
function makerOf(value: object): () => unknown {
  if (Object.keys(value).length > 0) return () => structuredClone(value);
  return Array.isArray(value) ? () => [] : () => ({});
}
