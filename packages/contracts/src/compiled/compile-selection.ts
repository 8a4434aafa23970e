import type { Type, types } from "avsc";
import { ReaderCode, type UsualReader } from "./compile-reader.ts";
import { functionOf } from "./compile-writer.ts";
import { READERS, readPartWith } from "./read-cursor.ts";

/**
 * Makes code that reads some fields of a record and passes over the others, up to the last that is wanted. Bytes of what it reads are
 * views on the bytes it is read from.
 * @returns null where the schema has parts that no record of ours has
 */
export function compileSelection(type: Type, wanted: readonly string[]): UsualReader | null {
  const code = new ReaderCode();
  const { fields } = type as types.RecordType;
  const lines: string[] = [];
  const members: string[] = [];
  for (const [index, field] of fields.entries()) {
    if (members.length === wanted.length) break;
    const isWanted = wanted.includes(field.name);
    const part = isWanted ? code.of(field.type, 0) : code.skip(field.type, 0);
    if (part === null) return null;
    lines.push(isWanted ? `const f${index} = ${part};` : part);
    if (isWanted) members.push(`${field.name}: f${index}`);
  }
  const body = `${lines.join("\n")}\nreturn { ${members.join(", ")} };`;
  const read = functionOf(`${code.declarations.join("\n")}\nreturn function read() {\n${body}\n};`, READERS);
  return (bytes, position) => readPartWith(read as () => unknown, bytes, position);
}
