import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { openContracts } from "./contracts.ts";
import { MalformedRecord, RegistryUnavailable, SchemaMissing, SchemaNotFound } from "./errors.ts";
import { SCHEMA_NAMES } from "./schema.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import { topicNames, topicSpecs } from "./topics.ts";

let subjects: Map<string, number>;
let schemas: string[];
let registry: SchemaRegistry;

beforeEach(() => {
  subjects = new Map();
  schemas = [];
  registry = {
    register: async (subject, schemaJson) => {
      const id = schemas.push(schemaJson);
      subjects.set(subject, id);
      return id;
    },
    fetch: async (id) => {
      const schema = schemas[id - 1];
      if (schema === undefined) throw new SchemaNotFound("none");
      return schema;
    },
  };
});

test("every schema is registered under the subject of its topic", async () => {
  await openContracts({ registry, prefix: "shop." });
  const expected = SCHEMA_NAMES.map((name) => {
    return name === "barrier" || name === "erasure" ? `shop.processor-state-${name}` : `shop.${name}-value`;
  });
  expect(sorted([...subjects.keys()])).toEqual(sorted(expected));
});

test("each codec writes the id its subject was given", async () => {
  const { codecs } = await openContracts({ registry, prefix: "shop." });
  expect(codecs.ticks.schemaId).toBe(subjects.get("shop.ticks-value"));
  expect(codecs.barrier.schemaId).toBe(subjects.get("shop.processor-state-barrier"));
  const ids = Object.values<{ readonly schemaId: number }>({ ...codecs }).map((codec) => codec.schemaId);
  expect(new Set(ids).size).toBe(SCHEMA_NAMES.length);
});

test("a schema loaded after one codec asked for it is known to all", async () => {
  const { codecs, load } = await openContracts({ registry, prefix: "" });
  const bytes = codecs.ticks.encode({ at: 1 });
  expect(() => codecs.purchases.decode(bytes)).toThrow(SchemaMissing);
  await load(codecs.ticks.schemaId);
  expect(() => codecs.purchases.decode(bytes)).toThrow(MalformedRecord);
  expect(codecs.ticks.decode(bytes)).toEqual({ at: 1 });
});

test("loading rejects while the registry is away, and works when it is back", async () => {
  const { codecs, load } = await openContracts({ registry, prefix: "" });
  const { fetch } = registry;
  registry.fetch = async () => {
    throw new RegistryUnavailable("away");
  };
  await expect(load(codecs.ticks.schemaId)).rejects.toBeInstanceOf(RegistryUnavailable);
  registry.fetch = fetch;
  await expect(load(codecs.ticks.schemaId)).resolves.toBeUndefined();
});

test("topics: one partition for what is broadcast, the same number for the rest, each name once", () => {
  const specs = topicSpecs("shop.", 12);
  expect(sorted(specs.map((spec) => spec.name))).toEqual(sorted(Object.values<string>({ ...topicNames("shop.") })));
  const single = specs.filter((spec) => spec.partitions === 1).map((spec) => spec.name);
  expect(single).toEqual(["shop.models", "shop.imports"]);
  expect(specs.filter((spec) => spec.partitions === 12)).toHaveLength(specs.length - 2);
});

test("asyncapi.yaml describes every topic and every schema", () => {
  const text = readFileSync(new URL("../../../schemas/asyncapi.yaml", import.meta.url), "utf8");
  const addresses = [...text.matchAll(/^ {4}address: (.+)$/gm)].map((match) => match[1] ?? "");
  expect(sorted(addresses)).toEqual(sorted(Object.values<string>({ ...topicNames() })));
  const files = new Set([...text.matchAll(/\$ref: \.\/([\w-]+)\.avsc$/gm)].map((match) => match[1] ?? ""));
  expect(SCHEMA_NAMES.filter((name) => !files.has(name))).toEqual([]);
});

function sorted(names: readonly string[]): readonly string[] {
  return names.toSorted();
}
