import type { ConfluentOptions } from "./confluent-registry.ts";
import { openFileRegistry } from "./file-registry.ts";
import type { SchemaRegistry } from "./schema-registry.ts";

/** Which registry, as plain data: a thread is handed this and opens it for itself. */
export type RegistryDescription =
  | { readonly kind: "file"; readonly path: string }
  | ({ readonly kind: "confluent" } & ConfluentOptions);

/**
 * @param signal ends the requests under way and all later ones: there is nothing else to close
 * @throws RegistryUnreadable, RegistryUnavailable, RegistryMisconfigured
 */
export async function openRegistry(
  description: RegistryDescription,
  signal: AbortSignal = new AbortController().signal,
): Promise<SchemaRegistry> {
  if (description.kind === "file") return openFileRegistry(description.path);
  // Only where it is wanted: the client costs a thread 10 MB and 50 ms.
  const { openConfluentRegistry } = await import("./confluent-registry.ts");
  return openConfluentRegistry(description, signal);
}
