/** A value cannot be read as the record its topic carries. The message names the rule, never the data. */
export class MalformedRecord extends Error {
  readonly code: MalformedCode;

  constructor(code: MalformedCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type MalformedCode =
  /** The bytes do not follow the schema they name. */
  | "MALFORMED_RECORD"
  /** The registry knows no schema of that id. */
  | "SCHEMA_UNKNOWN"
  /** The schema is not one of this topic: another record, or incompatible. */
  | "SCHEMA_MISMATCH";

/** The value's schema is not loaded yet: `await load(id)`, then decode again. */
export class SchemaMissing extends Error {
  readonly code = "SCHEMA_MISSING";
  readonly id: number;

  constructor(id: number) {
    super(`schema ${id} is not loaded`);
    this.id = id;
  }
}

/** A value handed to a codec is not of its type: a fault of the caller. Names the field, never the data. */
export class UnencodableRecord extends Error {
  readonly code = "UNENCODABLE_RECORD";
}

/** The registry has no schema of that id, and says so. */
export class SchemaNotFound extends Error {
  readonly code = "SCHEMA_NOT_FOUND";
}

/** The registry cannot be reached, read or written now; `cause` says why. Trying again may help. */
export class RegistryUnavailable extends Error {
  readonly code = "REGISTRY_UNAVAILABLE";
}

/** The registry answers and does not let this installation in, or its address is none: a setting has to be mended. */
export class RegistryMisconfigured extends Error {
  readonly code = "REGISTRY_MISCONFIGURED";
}

/** A schema may not follow those that its subject holds. It is older, newer or broken: a person has to look. */
export class SchemaIncompatible extends Error {
  readonly code = "SCHEMA_INCOMPATIBLE";
  readonly subject: string;
  /** Names from the record to the field, as in `/items/price`; null where the refusal is about no one field. */
  readonly field: string | null;

  constructor(subject: string, field: string | null, reason: string) {
    const place = field === null ? "" : `, field ${field}`;
    super(`the schema registry refuses the schema of ${subject}${place}: ${reason}`);
    this.subject = subject;
    this.field = field;
  }
}

/** The registry's file is not one, or was written by newer code: a person has to look. */
export class RegistryUnreadable extends Error {
  readonly code: "REGISTRY_UNREADABLE" | "VERSION_TOO_NEW";

  constructor(code: "REGISTRY_UNREADABLE" | "VERSION_TOO_NEW", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
