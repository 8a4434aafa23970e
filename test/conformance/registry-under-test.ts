import type { SchemaRegistry } from "@tidemark/contracts";

/** One registry that a conformance suite may use: no subject of it has been used before. */
export interface RegistryUnderTest {
  readonly registry: SchemaRegistry;
  /** Opens it again, as another process would; `registry` stays of use where others may have it too. */
  reopen(): Promise<RegistryUnderTest>;
  /** Lets go of what it has stored, as far as nobody else's is with it. */
  dispose(): Promise<void>;
}

export type OpenRegistryUnderTest = () => Promise<RegistryUnderTest>;

/** A schema of one record. @param fields name → type, or type and default */
export function recordSchema(
  fields: Readonly<Record<string, string | readonly [type: string, value: unknown]>>,
): string {
  return JSON.stringify({
    type: "record",
    name: "Sample",
    namespace: "tidemark.test",
    fields: Object.entries(fields).map(([name, field]) => {
      return typeof field === "string" ? { name, type: field } : { name, type: field[0], default: field[1] };
    }),
  });
}
