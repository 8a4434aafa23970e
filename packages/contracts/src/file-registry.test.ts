import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RegistryUnavailable, RegistryUnreadable, SchemaNotFound } from "./errors.ts";
import { openFileRegistry } from "./file-registry.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "registry-"));
  path = join(directory, "schemas.json");
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("a schema keeps its id through restarts, other schemas and another layout", async () => {
  const registry = await openFileRegistry(path);
  expect(await registry.register("a-value", '{"type": "string"}', "FULL_TRANSITIVE")).toBe(1);
  expect(await registry.register("b-value", '"long"', "FULL_TRANSITIVE")).toBe(2);
  const reopened = await openFileRegistry(path);
  expect(await reopened.register("a-value", '{ "type" : "string" }', "FULL_TRANSITIVE")).toBe(1);
  expect(await reopened.register("c-value", '"double"', "FULL_TRANSITIVE")).toBe(3);
  expect(JSON.parse(await reopened.fetch(2))).toBe("long");
});

test("one schema has one id under every subject", async () => {
  const registry = await openFileRegistry(path);
  expect(await registry.register("a-value", '"long"', "FULL_TRANSITIVE")).toBe(1);
  expect(await registry.register("b-value", '"long"', "FULL_TRANSITIVE")).toBe(1);
});

test("schemas registered at the same time all get an id of their own, and all are kept", async () => {
  const registry = await openFileRegistry(path);
  const names = Array.from({ length: 20 }, (_, index) => `"s${index}"`);
  const ids = await Promise.all(names.map((name) => registry.register(`${name}-value`, name, "FULL_TRANSITIVE")));
  expect(new Set(ids).size).toBe(20);
  const reopened = await openFileRegistry(path);
  expect(await Promise.all(ids.map((id) => reopened.fetch(id)))).toEqual(names);
});

test("an id nobody was given is not found", async () => {
  const registry = await openFileRegistry(path);
  await registry.register("a-value", '"long"', "FULL_TRANSITIVE");
  await expect(registry.fetch(2)).rejects.toBeInstanceOf(SchemaNotFound);
  await expect(registry.fetch(0)).rejects.toBeInstanceOf(SchemaNotFound);
  await expect(registry.fetch(-1)).rejects.toBeInstanceOf(SchemaNotFound);
});

test("leaves nothing but its file", async () => {
  const registry = await openFileRegistry(path);
  await registry.register("a-value", '"long"', "FULL_TRANSITIVE");
  expect(await readdir(directory)).toEqual(["schemas.json"]);
});

test("what cannot be written is unavailable, and no id is given for it", async () => {
  const registry = await openFileRegistry(join(directory, "gone", "schemas.json"));
  await expect(registry.register("a-value", '"long"', "FULL_TRANSITIVE")).rejects.toBeInstanceOf(RegistryUnavailable);
  await expect(registry.fetch(1)).rejects.toBeInstanceOf(SchemaNotFound);
});

test.each([
  ["not JSON", "{"],
  ["another document", '{"schemas": 1}'],
  ["null", "null"],
])("a file that is %s is refused", async (_, text) => {
  await writeFile(path, text);
  await expect(openFileRegistry(path)).rejects.toMatchObject({ code: "REGISTRY_UNREADABLE" });
});

test("a file of newer code is refused as that", async () => {
  await writeFile(path, '{"format": 2}');
  const opening = openFileRegistry(path);
  await expect(opening).rejects.toBeInstanceOf(RegistryUnreadable);
  await expect(opening).rejects.toMatchObject({ code: "VERSION_TOO_NEW" });
});
