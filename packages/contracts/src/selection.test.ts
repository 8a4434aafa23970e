import { expect, test } from "vitest";
import { createCodec } from "./codec.ts";
import { emptyProfile } from "./profile.ts";
import type { ProcessorState } from "./records.ts";
import { schemaText } from "./schema.ts";
import { Slab } from "./slab.ts";
import { WriterSchemas } from "./writer-schemas.ts";

const OLDER = 6;
const NEWER = 7;

/** The same record with one more field in front, and a wider number. */
const olderSchema = (): string => {
  const schema = JSON.parse(schemaText("processor-state")) as { fields: { name: string; type: unknown }[] };
  const fields = schema.fields.map((field) => (field.name === "purchaseDays" ? { ...field, type: "int" } : field));
  return JSON.stringify({ ...schema, fields: [{ name: "gone", type: "string", default: "" }, ...fields] });
};

test("some fields of a record are read past the others, whatever version wrote it", async () => {
  const writers = new WriterSchemas({ register: async () => 0, fetch: async () => olderSchema() });
  const parts = { writers, slab: new Slab() };
  const profile = { ...emptyProfile("c1"), tier: "GOLD" as const, purchaseDays: 12, seen: Buffer.alloc(512, 1) };
  const codec = createCodec<ProcessorState>({ schemaJson: schemaText("processor-state"), schemaId: NEWER, ...parts });
  const select = codec.select(["purchaseDays", "tier"]);
  expect(select(codec.encode(profile))).toEqual({ tier: "GOLD", purchaseDays: 12 });

  const older = createCodec<ProcessorState & { gone: string }>({
    schemaJson: olderSchema(),
    schemaId: OLDER,
    ...parts,
  });
  const bytes = older.encode({ ...profile, gone: "long ago" });
  expect(() => select(bytes)).toThrow(expect.objectContaining({ code: "SCHEMA_MISSING", id: OLDER }));
  await writers.load(OLDER);
  expect(select(bytes)).toEqual({ tier: "GOLD", purchaseDays: 12 });
  expect(() => select(Buffer.alloc(3))).toThrow(expect.objectContaining({ code: "MALFORMED_RECORD" }));
});
