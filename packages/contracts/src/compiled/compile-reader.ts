import type { Type, types } from "avsc";
import { DEPTH_MAX, functionOf, optionalOf, SYMBOLS_MAX } from "./compile-writer.ts";
import { READERS, readWith } from "./read-cursor.ts";

export { UNUSUAL } from "./read-cursor.ts";

/** Reads the value that goes from a position to the end of the bytes. @returns UNUSUAL where avsc has to */
export type UsualReader = (bytes: Buffer, position: number) => unknown;

/**
 * Makes code that reads and checks the values of one schema in one go, as `compile-writer.ts` does for writing. What it reads is what
 * avsc would read; what `wire-structure.ts` would refuse it does not read.
 * @returns null where the schema has parts that no record of ours has
 */
export function compileReader(type: Type): UsualReader | null {
  const code = new ReaderCode();
  const value = code.of(type, 0);
  if (value === null) return null;
  const read = functionOf(`${code.declarations.join("\n")}\nreturn function read() { return ${value}; };`, READERS);
  const { hasBytes } = code;
  return (bytes, position) => {
    // Bytes of the value are views: of memory that is its own, since it may be written to and the caller's may not.
    const source = hasBytes ? ownBytes(bytes) : bytes;
    return readWith(read as () => unknown, source, position);
  };
}

function ownBytes(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafe(bytes.length);
  own.set(bytes);
  return own;
}

export class ReaderCode {
  /** What stands before the code that reads: of enums their symbols, of arrays and maps a loop. */
  readonly declarations: string[] = [];
  hasBytes = false;

  /** An expression that reads a value. */
  of(type: Type, depth: number): string | null {
    if (depth > DEPTH_MAX) return null;
    switch (type.typeName) {
      case "long":
        return "readLong()";
      case "int":
        return "readInt()";
      case "double":
        return "readDouble()";
      case "boolean":
        return "readBoolean()";
      case "string":
        return "readString()";
      case "bytes":
        this.hasBytes = true;
        return "readBytes()";
      case "enum":
        return this.#enum((type as types.EnumType).symbols);
      case "union:unwrapped":
        return this.#optional(type as types.UnwrappedUnionType, depth);
      case "array":
        return this.#array((type as types.ArrayType).itemsType, depth);
      case "map":
        return this.#map((type as types.MapType).valuesType as Type, depth);
      case "record":
        return this.#record(type as types.RecordType, depth);
      default:
        return null;
    }
  }

  /** Reads nothing of it, but to find its end. */
  skip(type: Type, depth: number): string | null {
    if (depth > DEPTH_MAX) return null;
    switch (type.typeName) {
      case "long":
      case "int":
      case "enum":
        return "skipLong();";
      case "double":
        return "skip(8);";
      case "boolean":
        return "skip(1);";
      case "string":
      case "bytes":
        return "skipText();";
      case "union:unwrapped":
        return this.#skipOptional(type as types.UnwrappedUnionType, depth);
      case "array":
        return this.#skipItems("", (type as types.ArrayType).itemsType, depth);
      case "map":
        return this.#skipItems("skipText();", (type as types.MapType).valuesType as Type, depth);
      case "record": {
        const fields = (type as types.RecordType).fields.map((field) => this.skip(field.type, depth + 1));
        return fields.includes(null) ? null : fields.join("\n");
      }
      default:
        return null;
    }
  }

  #skipOptional(type: types.UnwrappedUnionType, depth: number): string | null {
    const optional = optionalOf(type);
    if (optional === null) return null;
    const { nullAt, other } = optional;
    const code = this.skip(other, depth + 1);
    return code === null ? null : `if (readBranch() !== ${nullAt}) {\n${code}\n}`;
  }

  #skipItems(name: string, items: Type, depth: number): string | null {
    const code = this.skip(items, depth + 1);
    return code === null
      ? null
      : `{ const count = readCount();
for (let i = 0; i < count; i++) { ${name} ${code} }
if (count > 0 && readCount() !== 0) fail(); }`;
  }

  #record({ fields }: types.RecordType, depth: number): string | null {
    const members: string[] = [];
    for (const field of fields) {
      const code = this.of(field.type, depth + 1);
      if (code === null) return null;
      members.push(`${field.name}: ${code}`);
    }
    return `{\n${members.join(",\n")}\n}`;
  }

  /** Of null and one other type. */
  #optional(type: types.UnwrappedUnionType, depth: number): string | null {
    const optional = optionalOf(type);
    if (optional === null) return null;
    const { nullAt, other } = optional;
    const code = this.of(other, depth + 1);
    return code === null ? null : `(readBranch() === ${nullAt} ? null : ${code})`;
  }

  #array(items: Type, depth: number): string | null {
    const code = this.of(items, depth + 1);
    return code === null
      ? null
      : this.#function(`const all = [];
const count = readCount();
for (let i = 0; i < count; i++) all.push(${code});
if (count > 0 && readCount() !== 0) fail();
return all;`);
  }

  #map(values: Type, depth: number): string | null {
    const code = this.of(values, depth + 1);
    return code === null
      ? null
      : this.#function(`const all = {};
const count = readCount();
for (let i = 0; i < count; i++) {
  const name = readString();
  if (name === "__proto__") fail(); else all[name] = ${code};
}
if (count > 0 && readCount() !== 0) fail();
return all;`);
  }

  #enum(symbols: readonly string[]): string | null {
    if (symbols.length > SYMBOLS_MAX) return null;
    const name = `symbols${this.declarations.length}`;
    this.declarations.push(`const ${name} = ${JSON.stringify(symbols)};`);
    return `${name}[readIndex(${symbols.length})]`;
  }

  /** @returns a call of it */
  #function(body: string): string {
    const name = `read${this.declarations.length}`;
    this.declarations.push(`function ${name}() {\n${body}\n}`);
    return `${name}()`;
  }
}
