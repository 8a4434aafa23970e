import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createCodec, type Codec } from "./codec.ts";
import { MalformedRecord, SchemaMissing, SchemaNotFound } from "./errors.ts";
import { checkInputRecord, type InputRecords } from "./input-record.ts";
import { anyRecord, plain } from "./any-record.arbitrary.ts";
import { SCHEMA_NAMES, schemaText, type SchemaName } from "./schema.ts";
import { Slab } from "./slab.ts";
import { WriterSchemas } from "./writer-schemas.ts";

const RUNS = 150;
const INPUT_TOPICS = ["purchases", "interactions", "complaints", "customers"] as const;
const codecs = new Map<SchemaName, Codec<Record<string, unknown>>>();

beforeAll(() => {
  const writers = new WriterSchemas({
    register: async () => 1,
    fetch: async () => {
      throw new SchemaNotFound("none");
    },
  });
  const slab = new Slab();
  for (const [index, name] of SCHEMA_NAMES.entries()) {
    codecs.set(name, createCodec({ schemaJson: schemaText(name), schemaId: index + 1, writers, slab }));
  }
});

describe.each(SCHEMA_NAMES)("%s", (name) => {
  test("what was encoded decodes to the same record", () => {
    fc.assert(
      fc.property(anyRecord(name), (record) => {
        const codec = codecOf(name);
        expect(plain(codec.decode(codec.encode(record)))).toEqual(plain(record));
      }),
      { numRuns: RUNS },
    );
  });

  test("the bytes of one record stay as they are while others are encoded", () => {
    fc.assert(
      fc.property(fc.array(anyRecord(name), { minLength: 2, maxLength: 6 }), (records) => {
        const codec = codecOf(name);
        const encoded = records.map((record) => {
          const bytes = codec.encode(record);
          return { bytes, before: Buffer.from(bytes).toString("hex") };
        });
        for (const { bytes, before } of encoded) expect(Buffer.from(bytes).toString("hex")).toBe(before);
      }),
      { numRuns: 30 },
    );
  });

  test("a record cut short anywhere, or with a byte too many, is malformed", () => {
    fc.assert(
      fc.property(anyRecord(name), fc.nat(), (record, cut) => {
        const codec = codecOf(name);
        const bytes = codec.encode(record);
        expect(decodeOutcome(codec, bytes.subarray(0, cut % bytes.length))).toBe("malformed");
        expect(decodeOutcome(codec, bytes.subarray(0, -1))).toBe("malformed");
        expect(decodeOutcome(codec, Buffer.concat([bytes, Buffer.of(0)]))).toBe("malformed");
      }),
      { numRuns: RUNS },
    );
  });

  test("random bytes behind the right header decode or are malformed, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        const codec = codecOf(name);
        const header = Buffer.alloc(5);
        header.writeInt32BE(codec.schemaId, 1);
        expect(["decoded", "malformed"]).toContain(decodeOutcome(codec, Buffer.concat([header, body])));
      }),
      { numRuns: RUNS * 2 },
    );
  });

  test("a record with bytes changed decodes or is malformed, and what decodes can be encoded again", () => {
    fc.assert(
      fc.property(anyRecord(name), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (record, changes) => {
        const codec = codecOf(name);
        const bytes = Buffer.from(codec.encode(record));
        for (const [at, byte] of changes) {
          if (bytes.length > 5) bytes[5 + (at % (bytes.length - 5))] = byte;
        }
        if (decodeOutcome(codec, bytes) === "malformed") return;
        const decoded = codec.decode(bytes);
        expect(plain(codec.decode(codec.encode(decoded)))).toEqual(plain(decoded));
      }),
      { numRuns: RUNS },
    );
  });
});

test("any bytes at all end in a record or one of the two coded errors", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(["decoded", "malformed", "missing"]).toContain(decodeOutcome(codecOf("purchases"), bytes));
    }),
    { numRuns: 2_000 },
  );
});

test("no record makes the rules throw, and a refusal names its code and field", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...INPUT_TOPICS).chain((topic) => fc.tuple(fc.constant(topic), anyRecord(topic))),
      ([topic, record]) => {
        const refusal = checkInputRecord(topic, record as unknown as InputRecords[typeof topic]);
        expect(refusal?.kind ?? "refused").toBe("refused");
        expect(refusal?.reason ?? "/field rule").toMatch(/^\/\w+ /);
      },
    ),
    { numRuns: 500 },
  );
});

function codecOf(name: SchemaName): Codec<Record<string, unknown>> {
  const codec = codecs.get(name);
  if (codec === undefined) throw new Error(`no codec of ${name}`);
  return codec;
}

/** "decoded" only if it is a record, that is, one that can be encoded. */
function decodeOutcome(codec: Codec<unknown>, bytes: Uint8Array): "decoded" | "malformed" | "missing" {
  try {
    codec.encode(codec.decode(bytes));
    return "decoded";
  } catch (error) {
    if (error instanceof MalformedRecord) return "malformed";
    if (error instanceof SchemaMissing) return "missing";
    throw error;
  }
}
