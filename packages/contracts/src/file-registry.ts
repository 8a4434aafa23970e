import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { RegistryUnavailable, RegistryUnreadable, SchemaIncompatible, SchemaNotFound } from "./errors.ts";
import { type CompatibilityPolicy, incompatibilities, incompatibleField } from "./schema-compatibility.ts";
import { canonicalText, type SchemaRegistry } from "./schema-registry.ts";

/**
 * A schema registry in one JSON file, for a process that has its data directory to itself.
 *
 * Owns the file. Invariants:
 *  1 An id once returned stands for the same schema for ever: ids are the place in a list that only grows.
 *  2 An id is returned only after the file that holds it is durable.
 *  3 A subject's schemas follow each other as its policy demands.
 *  4 The file is whole at any moment: it is replaced, never written in place.
 *
 * @param path the file; it need not exist, its directory must
 * @throws RegistryUnreadable if the file is damaged or newer than this code; RegistryUnavailable if it cannot be read
 */
export async function openFileRegistry(path: string): Promise<SchemaRegistry> {
  let content = await load(path);
  let last: Promise<unknown> = Promise.resolve();

  const register = async (subject: string, schemaJson: string, policy: CompatibilityPolicy): Promise<number> => {
    const canonical = canonicalText(schemaJson);
    const known = content.schemas.indexOf(canonical) + 1;
    const id = known === 0 ? content.schemas.length + 1 : known;
    const ids = content.subjects[subject] ?? [];
    if (known === 0 || !ids.includes(id)) {
      const earlier = ids.map((before) => content.schemas[before - 1] ?? "");
      checkFollows(subject, canonical, earlier, policy);
      const next: Content = {
        format: FORMAT,
        schemas: known === 0 ? [...content.schemas, canonical] : content.schemas,
        subjects: { ...content.subjects, [subject]: [...ids, id] },
      };
      await store(path, next);
      content = next;
    }
    return id;
  };

  return {
    register(subject, schemaJson, policy) {
      // One after the other: two that each wrote what they had read would lose one of the two.
      const result = last.then(async () => register(subject, schemaJson, policy));
      last = result.catch(() => undefined);
      return result;
    },
    async fetch(id) {
      const schema = content.schemas[id - 1];
      if (schema === undefined) throw new SchemaNotFound(`the registry has no schema ${id}`);
      return schema;
    },
  };
}

const FORMAT = 1;

interface Content {
  readonly format: number;
  /** Schema of id i at index i − 1, as canonical JSON. */
  readonly schemas: readonly string[];
  /** Ids registered under each subject, oldest first. */
  readonly subjects: Readonly<Record<string, readonly number[]>>;
}

/** @throws SchemaIncompatible */
function checkFollows(
  subject: string,
  schemaJson: string,
  earlier: readonly string[],
  policy: CompatibilityPolicy,
): void {
  for (const earlierJson of earlier) {
    const [problem] = incompatibilities(schemaJson, earlierJson, policy);
    if (problem !== undefined) {
      throw new SchemaIncompatible(subject, incompatibleField(schemaJson, earlierJson, policy), problem);
    }
  }
}

async function load(path: string): Promise<Content> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      return { format: FORMAT, schemas: [], subjects: {} };
    }
    throw new RegistryUnavailable("the schema registry's file cannot be read", { cause });
  }
  return parseContent(text);
}

function parseContent(text: string): Content {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new RegistryUnreadable("REGISTRY_UNREADABLE", "the schema registry's file is damaged", { cause });
  }
  const format = (parsed as Partial<Content> | null)?.format;
  if (typeof format === "number" && format > FORMAT) {
    throw new RegistryUnreadable("VERSION_TOO_NEW", "the schema registry's file was written by newer code");
  }
  if (!isContent(parsed)) {
    throw new RegistryUnreadable("REGISTRY_UNREADABLE", "the schema registry's file is damaged");
  }
  return parsed;
}

function isContent(value: unknown): value is Content {
  if (typeof value !== "object" || value === null) return false;
  const { format, schemas, subjects } = value as Partial<Record<keyof Content, unknown>>;
  return (
    format === FORMAT &&
    Array.isArray(schemas) &&
    schemas.every((schema) => typeof schema === "string") &&
    typeof subjects === "object" &&
    subjects !== null &&
    Object.values(subjects).every((ids) => Array.isArray(ids) && ids.every((id) => Number.isSafeInteger(id)))
  );
}

async function store(path: string, content: Content): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, "w");
    try {
      await file.writeFile(`${JSON.stringify(content, null, 1)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    // The rename itself is durable only with the directory.
    const directory = await open(dirname(path), "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (cause) {
    throw new RegistryUnavailable("the schema registry's file cannot be written", { cause });
  }
}
