/** The port to a schema registry: Confluent's numbering, one id for one schema text whatever its subjects. */
export interface SchemaRegistry {
  /**
   * Makes a schema known under a subject, once or many times.
   * @returns its id, 1 ≤ id < 2^31
   * @throws RegistryUnavailable
   */
  register(subject: string, schemaJson: string): Promise<number>;
  /**
   * The schema's text.
   * @throws SchemaNotFound if the registry says there is none; RegistryUnavailable
   */
  fetch(id: number): Promise<string>;
}
