import type { Type, types } from "avsc";
import { WRITERS, writeWith } from "./write-cursor.ts";

/** Writes a value where it is usual and there is room. @returns the index after it; −1 = avsc has to */
export type UsualWriter = (value: unknown, buffer: Buffer, position: number) => number;

/**
 * Makes code that writes the values of one schema: every field in a row, where avsc asks one object a field. It writes the bytes that
 * avsc would, and leaves to avsc whatever it would refuse or treat in a way of its own.
 * @returns null where the schema has parts that no record of ours has
 */
export function compileWriter(type: Type): UsualWriter | null {
  const code = new WriterCode();
  const body = code.of(type, "value", 0);
  if (body === null) return null;
  const write = functionOf(`return function write(value) {\n${body}\n};`, WRITERS) as (value: unknown) => void;
  return (value, buffer, position) => writeWith(write, value, buffer, position);
}

/** The schemas are this system's own; nothing of a record or a setting becomes code. */
export function functionOf(body: string, scope: Readonly<Record<string, unknown>>): unknown {
  // oxlint-disable-next-line typescript/no-implied-eval -- see above
  const make = new Function(...Object.keys(scope), body) as (...values: unknown[]) => unknown;
  return make(...Object.values(scope));
}

class WriterCode {
  #variables = 0;

  /** Statements that write `value`, an expression without effects. */
  of(type: Type, value: string, depth: number): string | null {
    if (depth > DEPTH_MAX) return null;
    switch (type.typeName) {
      case "long":
        return `writeLong(${value});`;
      case "int":
        return `writeInt(${value});`;
      case "double":
        return `writeDouble(${value});`;
      case "boolean":
        return `writeBoolean(${value});`;
      case "string":
        return `writeString(${value});`;
      case "bytes":
        return `writeBytes(${value});`;
      case "enum":
        return enumCode((type as types.EnumType).symbols, value);
      case "union:unwrapped":
        return this.#optional(type as types.UnwrappedUnionType, value, depth);
      case "array":
        return this.#array((type as types.ArrayType).itemsType, value, depth);
      case "map":
        return this.#map((type as types.MapType).valuesType as Type, value, depth);
      case "record":
        return this.#record(type as types.RecordType, value, depth);
      default:
        return null;
    }
  }

  #record({ fields }: types.RecordType, value: string, depth: number): string | null {
    const record = this.#variable();
    const lines: string[] = [];
    for (const field of fields) {
      const code = this.of(field.type, `${record}.${field.name}`, depth + 1);
      if (code === null) return null;
      lines.push(code);
    }
    return `const ${record} = ${value};
if (${record} === null || typeof ${record} !== "object") fail(); else {
${lines.join("\n")}
}`;
  }

  /** Of null and one other type. */
  #optional(type: types.UnwrappedUnionType, value: string, depth: number): string | null {
    const optional = optionalOf(type);
    if (optional === null) return null;
    const { nullAt, other } = optional;
    const one = this.#variable();
    const code = this.of(other, one, depth + 1);
    return code === null
      ? null
      : `{ const ${one} = ${value};
if (${one} === null) writeSmall(${nullAt}); else { writeSmall(${1 - nullAt});
${code}
} }`;
  }

  #array(items: Type, value: string, depth: number): string | null {
    const [all, index] = [this.#variable(), this.#variable()];
    const code = this.of(items, `${all}[${index}]`, depth + 1);
    return code === null
      ? null
      : `{ const ${all} = ${value};
if (!Array.isArray(${all})) fail(); else {
if (${all}.length > 0) writeLong(${all}.length);
for (let ${index} = 0; ${index} < ${all}.length; ${index}++) {
${code}
}
writeSmall(0);
} }`;
  }

  #map(values: Type, value: string, depth: number): string | null {
    const [all, names, index] = [this.#variable(), this.#variable(), this.#variable()];
    const code = this.of(values, `${all}[${names}[${index}]]`, depth + 1);
    return code === null
      ? null
      : `{ const ${all} = ${value};
if (${all} === null || typeof ${all} !== "object" || Array.isArray(${all})) fail(); else {
const ${names} = Object.keys(${all});
if (${names}.length > 0) writeLong(${names}.length);
for (let ${index} = 0; ${index} < ${names}.length; ${index}++) {
writeString(${names}[${index}]);
${code}
}
writeSmall(0);
} }`;
  }

  #variable(): string {
    return `v${this.#variables++}`;
  }
}

function enumCode(symbols: readonly string[], value: string): string | null {
  // An index that takes more than a byte is none of ours.
  if (symbols.length > SYMBOLS_MAX) return null;
  const cases = symbols.map((symbol, index) => `case ${JSON.stringify(symbol)}: writeSmall(${index}); break;`);
  return `switch (${value}) { ${cases.join(" ")} default: fail(); }`;
}

export const SYMBOLS_MAX = 64;
/** A schema that contains itself has no end. */
export const DEPTH_MAX = 16;

/** Which branch of a union of null and one other type is null, and the other type. @returns null of any other union */
export function optionalOf({ types: branches }: types.UnwrappedUnionType): Optional | null {
  const nullAt = branches.findIndex(({ typeName }) => typeName === "null");
  const other = branches[1 - nullAt];
  return branches.length !== 2 || nullAt < 0 || other === undefined ? null : { nullAt, other };
}

interface Optional {
  readonly nullAt: number;
  readonly other: Type;
}
