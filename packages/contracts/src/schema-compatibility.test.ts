import { describe, expect, test } from "vitest";
import { incompatibilities, policyOf, weaknesses } from "./schema-compatibility.ts";
import { sameSchema, schemaHistory } from "./schema-history.ts";
import { SCHEMA_NAMES, schemaText, type AvroRecord } from "./schema.ts";

describe.each(SCHEMA_NAMES)("%s", (name) => {
  const current = schemaText(name);
  const history = schemaHistory(name);

  test("follows every version before it", () => {
    const problems = history.flatMap((earlier, index) => {
      return incompatibilities(current, earlier, policyOf(name)).map((problem) => `version ${index + 1}: ${problem}`);
    });
    expect(problems).toEqual([]);
  });

  test("is the newest version of its history (scripts/record-schema-versions.ts adds it)", () => {
    expect(history.length).toBeGreaterThan(0);
    expect(sameSchema(history.at(-1) ?? "{}", current)).toBe(true);
  });

  test("leaves room for later changes, and says what each field means", () => {
    expect(weaknesses(current)).toEqual([]);
  });
});

describe("a change planted in a schema is found", () => {
  const changed = (change: (record: Editable) => void): string => {
    const record = JSON.parse(JSON.stringify(BASE)) as Editable;
    change(record);
    return JSON.stringify(record);
  };
  const check = (policy: "BACKWARD_TRANSITIVE" | "FULL_TRANSITIVE", change: (record: Editable) => void): string => {
    return incompatibilities(changed(change), JSON.stringify(BASE), policy).join("; ");
  };

  test("none where nothing changed, or a field with a default came", () => {
    expect(check("FULL_TRANSITIVE", () => undefined)).toBe("");
    expect(
      check("FULL_TRANSITIVE", ({ fields }) => {
        fields.push({ name: "later", type: ["null", "string"], default: null });
      }),
    ).toBe("");
  });

  test("a new field without a default", () => {
    expect(check("BACKWARD_TRANSITIVE", ({ fields }) => fields.push({ name: "later", type: "string" }))).toContain(
      "cannot be read",
    );
  });

  test("another type", () => {
    expect(check("BACKWARD_TRANSITIVE", ({ fields }) => Object.assign(fields[0] ?? {}, { type: "string" }))).toContain(
      "cannot be read",
    );
  });

  test("a wider type: earlier code cannot read it", () => {
    const widen = ({ fields }: Editable): unknown => Object.assign(fields[0] ?? {}, { type: "double" });
    expect(check("BACKWARD_TRANSITIVE", widen)).toBe("");
    expect(check("FULL_TRANSITIVE", widen)).toContain("earlier code cannot read");
  });

  test("a field gone that earlier code needs", () => {
    const drop = ({ fields }: Editable): unknown => fields.shift();
    expect(check("BACKWARD_TRANSITIVE", drop)).toBe("");
    expect(check("FULL_TRANSITIVE", drop)).toContain("earlier code cannot read");
  });

  test("an enum that lost a symbol, though Avro reads it as the default", () => {
    const lose = ({ fields }: Editable): unknown => Object.assign(fields[1] ?? {}, { type: kind(["UNKNOWN", "A"]) });
    expect(check("BACKWARD_TRANSITIVE", lose)).toContain("lost B");
  });

  test("another default, and another logical type", () => {
    expect(check("BACKWARD_TRANSITIVE", ({ fields }) => Object.assign(fields[2] ?? {}, { default: 2 }))).toContain(
      "another default",
    );
    expect(check("BACKWARD_TRANSITIVE", ({ fields }) => Object.assign(fields[3] ?? {}, { type: "long" }))).toContain(
      "another logical type",
    );
  });

  test("another name", () => {
    expect(check("BACKWARD_TRANSITIVE", (record) => Object.assign(record, { name: "Other" }))).toContain(
      "cannot be read",
    );
  });

  test("an enum without UNKNOWN, a nullable without null as default, a field without doc", () => {
    const weak = weaknesses(
      changed(({ fields }) => {
        fields.push({ name: "bare", type: { type: "enum", name: "Bare", symbols: ["A"] }, default: "A", doc: "d" });
        fields.push({ name: "maybe", type: ["string", "null"], default: "", doc: "d" });
        fields.push({ name: "mute", type: "string", default: "" });
      }),
    );
    expect(weak).toEqual([
      "/bare is an enum without the default UNKNOWN",
      "/maybe is a union that does not begin with null and default to it",
      "/mute has no doc",
    ]);
  });
});

interface Editable {
  name: string;
  fields: { name: string; type: unknown; default?: unknown; doc?: string }[];
}

function kind(symbols: readonly string[]): object {
  return { type: "enum", name: "Kind", symbols, default: "UNKNOWN" };
}

const BASE = {
  type: "record",
  name: "Sample",
  namespace: "tidemark",
  fields: [
    { name: "count", type: "long", doc: "d" },
    { name: "kind", type: kind(["UNKNOWN", "A", "B"]), default: "UNKNOWN", doc: "d" },
    { name: "weight", type: "long", default: 1, doc: "d" },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" }, default: 0, doc: "d" },
  ],
} as unknown as AvroRecord;
