import { type CompatibilityPolicy, incompatibleField } from "./schema-compatibility.ts";

export interface Refused {
  readonly schemaJson: string;
  /** What the subject holds; null where that is not known. */
  readonly earlierJson: string | null;
  readonly policy: CompatibilityPolicy;
  /** The registry's words. */
  readonly reason: string;
}

/**
 * The field that a registry refuses a schema for, as in `/items/price`. Registries say `at /fields/3/type`, of the
 * schema that reads: that is now the new one, now the old.
 * @returns null where neither the registry nor the check of our own knows one
 */
export function fieldRefused({ schemaJson, earlierJson, policy, reason }: Refused): string | null {
  const pointer = /\/fields\/\d+[\w/]*/.exec(reason)?.[0];
  if (pointer !== undefined) {
    const found = [schemaJson, earlierJson].flatMap((json) => (json === null ? [] : (fieldAt(json, pointer) ?? [])));
    // The name itself is said beside the place where a field is there on one side only.
    const named = found.find((field) => new RegExp(`\\b${field.slice(field.lastIndexOf("/") + 1)}\\b`).test(reason));
    const field = named ?? found[0];
    if (field !== undefined) return field;
  }
  return earlierJson === null ? null : incompatibleField(schemaJson, earlierJson, policy);
}

/** Names of the fields on the way of a JSON pointer into a schema; null if it leads past none. */
function fieldAt(schemaJson: string, pointer: string): string | null {
  let at: unknown = JSON.parse(schemaJson);
  let path = "";
  const segments = pointer.split("/").slice(1);
  for (const [index, segment] of segments.entries()) {
    if (typeof at !== "object" || at === null) break;
    at = (at as Readonly<Record<string, unknown>>)[segment];
    if (segments[index - 1] === "fields" && isNamed(at)) path += `/${at.name}`;
  }
  return path === "" ? null : path;
}

function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}
