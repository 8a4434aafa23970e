import type { CompatibilityPolicy } from "./schema-compatibility.ts";

/** The port to a schema registry: Confluent's numbering, one id for one schema text whatever its subjects. */
export interface SchemaRegistry {
  /**
   * Makes a schema known under a subject, once or many times.
   * @param policy what the schema and every later one owes to those the subject holds
   * @returns its id, 1 ≤ id < 2^31
   * @throws SchemaIncompatible if the policy does not allow it; RegistryUnavailable; RegistryMisconfigured
   */
  register(subject: string, schemaJson: string, policy: CompatibilityPolicy): Promise<number>;
  /**
   * The schema's text.
   * @throws SchemaNotFound if the registry says there is none; RegistryUnavailable; RegistryMisconfigured
   */
  fetch(id: number): Promise<string>;
}

/** Without insignificant white space, so that a reformatted schema keeps its id. @throws SyntaxError */
export function canonicalText(schemaJson: string): string {
  return JSON.stringify(JSON.parse(schemaJson));
}
