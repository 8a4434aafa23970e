import avsc, { type Type } from "avsc";
import { SchemaNotFound } from "./errors.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import { structureOf, type Structure } from "./wire-structure.ts";

/** A schema that values were written with, as the registry has it. */
export type WriterSchema =
  | { readonly kind: "known"; readonly type: Type; readonly structure: Structure }
  /** The registry has no schema of that id. */
  | { readonly kind: "unknown" }
  /** What the registry has is no Avro schema. */
  | { readonly kind: "unreadable" };

/**
 * Schemas by id, fetched once. Owns nothing durable. Refusals are kept too, so that the record that asked can
 * be refused after its load, but only {@link REFUSALS_MAX} of them: made-up ids must not fill the memory, and
 * an id that was unknown once may be known later.
 */
export class WriterSchemas {
  readonly #registry: SchemaRegistry;
  readonly #known = new Map<number, WriterSchema>();
  readonly #refused = new Map<number, WriterSchema>();

  constructor(registry: SchemaRegistry) {
    this.#registry = registry;
  }

  get(id: number): WriterSchema | undefined {
    return this.#known.get(id) ?? this.#refused.get(id);
  }

  /** @throws RegistryUnavailable, or whatever the registry rejects with but SchemaNotFound */
  async load(id: number): Promise<void> {
    if (this.#known.has(id)) return;
    const schema = await this.#fetch(id);
    if (schema.kind === "known") {
      this.#known.set(id, schema);
      return;
    }
    this.#refused.set(id, schema);
    const oldest = this.#refused.keys().next();
    if (this.#refused.size > REFUSALS_MAX && oldest.done !== true) {
      this.#refused.delete(oldest.value);
    }
  }

  async #fetch(id: number): Promise<WriterSchema> {
    let text: string;
    try {
      text = await this.#registry.fetch(id);
    } catch (error) {
      if (error instanceof SchemaNotFound) return { kind: "unknown" };
      throw error;
    }
    try {
      const type = typeOf(text);
      return { kind: "known", type, structure: structureOf(type) };
    } catch {
      // A schema that does not parse is as good as none: the record is refused, the stream goes on.
      return { kind: "unreadable" };
    }
  }
}

const REFUSALS_MAX = 1_000;

/** The avsc type of a schema's text. @throws if it is no Avro schema */
export function typeOf(schemaJson: string): Type {
  return avsc.Type.forSchema(JSON.parse(schemaJson) as Parameters<typeof avsc.Type.forSchema>[0], {
    omitRecordMethods: true,
  });
}
