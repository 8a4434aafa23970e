import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { schemaText, type SchemaName } from "./schema.ts";

/**
 * Every version of a schema that was ever committed, oldest first: `schemas/history/<name>/0001.avsc` and on. A
 * version once released is never edited; the newest equals the schema in force.
 */
export function schemaHistory(name: SchemaName): readonly string[] {
  return versionFiles(name).map((file) => readFileSync(new URL(file, directoryOf(name)), "utf8"));
}

/** Whether two schemas differ in anything but their docs and layout. */
export function sameSchema(oneJson: string, otherJson: string): boolean {
  return withoutDocs(oneJson) === withoutDocs(otherJson);
}

/** Adds the schema in force to its history, unless it is there already. Returns the name of the file added. */
export function recordVersion(name: SchemaName): string | null {
  const newest = schemaHistory(name).at(-1);
  if (newest !== undefined && sameSchema(newest, schemaText(name))) return null;
  mkdirSync(directoryOf(name), { recursive: true });
  const file = `${String(versionFiles(name).length + 1).padStart(4, "0")}.avsc`;
  writeFileSync(new URL(file, directoryOf(name)), schemaText(name));
  return file;
}

function directoryOf(name: SchemaName): URL {
  return new URL(`../../../schemas/history/${name}/`, import.meta.url);
}

function versionFiles(name: SchemaName): readonly string[] {
  try {
    return readdirSync(directoryOf(name))
      .filter((file) => /^\d{4}\.avsc$/.test(file))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function withoutDocs(schemaJson: string): string {
  return JSON.stringify(JSON.parse(schemaJson), (key, value: unknown) => (key === "doc" ? undefined : value));
}
