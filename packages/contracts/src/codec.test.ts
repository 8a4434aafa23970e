import { beforeEach, describe, expect, test } from "vitest";
import { createCodec, type Codec } from "./codec.ts";
import { MalformedRecord, SchemaMissing, SchemaNotFound, UnencodableRecord } from "./errors.ts";
import type { DeadLetter, Purchase, Tick } from "./records.ts";
import { schemaText } from "./schema.ts";
import { Slab } from "./slab.ts";
import { WriterSchemas } from "./writer-schemas.ts";

const PURCHASES = 7;
const TICKS = 8;
const DEAD_LETTERS = 9;

let schemas: Map<number, string>;
let writers: WriterSchemas;
let purchases: Codec<Purchase>;

beforeEach(() => {
  schemas = new Map();
  writers = new WriterSchemas({
    register: async () => 0,
    fetch: async (id) => {
      const schema = schemas.get(id);
      if (schema === undefined) throw new SchemaNotFound("none");
      return schema;
    },
  });
  purchases = createCodec({ schemaJson: schemaText("purchases"), schemaId: PURCHASES, writers, slab: new Slab() });
});

describe("the wire format", () => {
  test("begins with a zero byte and the schema's id, big-endian", () => {
    expect([...purchases.encode(purchase()).subarray(0, 5)]).toEqual([0, 0, 0, 0, PURCHASES]);
  });

  test("holds the record as Avro writes it", () => {
    const ticks = createCodec<Tick>({ schemaJson: schemaText("ticks"), schemaId: TICKS, writers, slab: new Slab() });
    // 64 in zigzag is 128: two bytes, the lower seven bits first.
    expect([...ticks.encode({ at: 64 })]).toEqual([0, 0, 0, 0, TICKS, 0x80, 0x01]);
  });

  test.each([
    ["no bytes", [], "zero byte"],
    ["half a header", [0, 0, 0], "zero byte"],
    ["another magic byte", [1, 0, 0, 0, PURCHASES], "zero byte"],
    ["a header only", [0, 0, 0, 0, PURCHASES], "ends before"],
  ])("refuses %s", (_, bytes, reason) => {
    const decode = (): unknown => purchases.decode(Uint8Array.from(bytes));
    expect(decode).toThrow(MalformedRecord);
    expect(decode).toThrow(reason);
  });
});

describe("bytes that lie", () => {
  test("a count beyond the bytes there are is refused at once", () => {
    const bytes = withBody(withEventAndCustomer(), [0, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
    const before = process.cpuUsage().user;
    expect(() => purchases.decode(bytes)).toThrow("count");
    // avsc would add 2^31 entries to the map one by one.
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  });

  test("a block whose size is wrong is refused", () => {
    // One entry (−1), 9 bytes long by its own account: "a" → "b" has 4.
    const bytes = withBody(withEventAndCustomer(), [0, 0x01, 18, 2, 0x61, 2, 0x62, 0]);
    expect(() => purchases.decode(bytes)).toThrow("size");
  });

  test("a string that is not UTF-8 is refused", () => {
    expect(() => purchases.decode(withBody([4, 0xc3, 0x28]))).toThrow("UTF-8");
  });

  test("the replacement character is text like any other", () => {
    const record = { ...purchase(), source: "\u{FFFD}" };
    expect(purchases.decode(purchases.encode(record)).source).toBe("\u{FFFD}");
  });

  test.each([
    ["beyond 2^53", [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    // −2^52 − 1, of which avsc would make +2^52.
    ["below −2^52", [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ["of eleven bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ])("a long %s is refused", (_, bytes) => {
    expect(() => purchases.decode(withBody([...withEventAndCustomer(), ...bytes]))).toThrow("too large");
  });

  test("the key __proto__ is refused, since it would vanish", () => {
    const key = [18, ...Buffer.from("__proto__")];
    expect(() => purchases.decode(withBody(withEventAndCustomer(), [0, 2, ...key, 0, 0]))).toThrow("forbidden");
  });

  test.each([
    // Source: a union's third branch, of two.
    ["a branch there is not", [4, 0, 0]],
    // Kind: the sixth symbol, of five.
    ["a symbol there is not", [0, 0, 10]],
  ])("%s is refused", (_, bytes) => {
    expect(() => purchases.decode(withBody(withEventAndCustomer(), bytes))).toThrow("no such alternative");
  });

  test("a boolean of 2 is refused", () => {
    const type = { type: "record", name: "Flag", fields: [{ name: "up", type: "boolean" }] };
    const flags = createCodec<object>({ schemaJson: JSON.stringify(type), schemaId: 14, writers, slab: new Slab() });
    expect(flags.decode(Uint8Array.from([0, 0, 0, 0, 14, 1]))).toEqual({ up: true });
    expect(() => flags.decode(Uint8Array.from([0, 0, 0, 0, 14, 2]))).toThrow("neither 0 nor 1");
  });

  test("no message quotes the record", () => {
    const bytes = Buffer.from(purchases.encode({ ...purchase(), customerId: "canary" }));
    for (let end = 5; end < bytes.length; end++) {
      const message = refusal(bytes.subarray(0, end))?.message;
      expect(message).toMatch(/./);
      expect(message).not.toContain("canary");
    }
  });
});

describe("schemas of other writers", () => {
  test("one that is not loaded is missing, and loading it makes the record readable", async () => {
    const earlier = withoutField(schemaText("purchases"), "quantity");
    schemas.set(3, earlier);
    const writer = createCodec<Purchase>({ schemaJson: earlier, schemaId: 3, writers, slab: new Slab() });
    const bytes = writer.encode(purchase());
    expect(() => purchases.decode(bytes)).toThrow(SchemaMissing);
    await writers.load(3);
    expect(purchases.decode(bytes)).toEqual({ ...purchase(), quantity: null });
  });

  test("a field this reader does not know is skipped", async () => {
    const later = withField(schemaText("purchases"), { name: "giftNote", type: "string", default: "", doc: "new" });
    schemas.set(4, later);
    await writers.load(4);
    const writer = createCodec<Purchase & { giftNote: string }>({
      schemaJson: later,
      schemaId: 4,
      writers,
      slab: new Slab(),
    });
    expect(purchases.decode(writer.encode({ ...purchase(), giftNote: "x" }))).toEqual(purchase());
  });

  test("a symbol this reader does not know is UNKNOWN", async () => {
    const later = schemaText("purchases").replace('"PAYMENT"', '"PAYMENT", "EXCHANGE"');
    schemas.set(5, later);
    await writers.load(5);
    const writer = createCodec<object>({ schemaJson: later, schemaId: 5, writers, slab: new Slab() });
    expect(purchases.decode(writer.encode({ ...purchase(), kind: "EXCHANGE" })).kind).toBe("UNKNOWN");
  });

  test("that of another topic is a mismatch, each time", async () => {
    schemas.set(6, schemaText("ticks"));
    await writers.load(6);
    const bytes = Uint8Array.from([0, 0, 0, 0, 6, 2]);
    expect(refusalCode(bytes)).toBe("SCHEMA_MISMATCH");
    expect(refusalCode(bytes)).toBe("SCHEMA_MISMATCH");
  });

  test("one the registry does not have is unknown, but only once it was asked", async () => {
    const bytes = Uint8Array.from([0, 0, 0, 0, 99, 2]);
    expect(() => purchases.decode(bytes)).toThrow(SchemaMissing);
    await writers.load(99);
    expect(refusalCode(bytes)).toBe("SCHEMA_UNKNOWN");
  });

  test("one that is no Avro schema is unknown", async () => {
    schemas.set(11, '{"type": "nonsense"}');
    await writers.load(11);
    expect(refusalCode(Uint8Array.from([0, 0, 0, 0, 11, 2]))).toBe("SCHEMA_UNKNOWN");
  });

  test("one that was unknown can be loaded once the registry has it", async () => {
    const bytes = purchases.encode(purchase());
    bytes[4] = 12;
    await writers.load(12);
    expect(refusalCode(bytes)).toBe("SCHEMA_UNKNOWN");
    schemas.set(12, schemaText("purchases"));
    await writers.load(12);
    expect(purchases.decode(bytes)).toEqual(purchase());
  });

  test("a record that holds itself without end is refused, not followed", async () => {
    const list = { type: "record", name: "Purchase", namespace: "tidemark", fields: [] as object[] };
    list.fields.push({ name: "next", type: ["null", "Purchase"], default: null });
    const reader = createCodec<object>({
      schemaJson: JSON.stringify(list),
      schemaId: 13,
      writers,
      slab: new Slab(),
    });
    const deep = Buffer.concat([Buffer.from([0, 0, 0, 0, 13]), Buffer.alloc(100_000, 2), Buffer.of(0)]);
    expect(() => reader.decode(deep)).toThrow("deep");
  });
});

describe("encoding", () => {
  test("a value that is not of its type names the field and not the value", () => {
    const wrong = { ...purchase(), currency: 4711 as unknown as string };
    expect(() => purchases.encode(wrong)).toThrow(UnencodableRecord);
    expect(() => purchases.encode(wrong)).toThrow(/^tidemark.Purchase.currency is not of its type$/);
  });

  test("bytes may be any Uint8Array", () => {
    const letters = createCodec<DeadLetter>({
      schemaJson: schemaText("dead-letters"),
      schemaId: DEAD_LETTERS,
      writers,
      slab: new Slab(),
    });
    const letter: DeadLetter = {
      topic: "purchases",
      partition: 3,
      offset: 12,
      appendedAt: 5,
      key: Uint8Array.from([1, 2]),
      value: null,
      code: "MALFORMED_RECORD",
      reason: "the value ends before its schema does",
    };
    const decoded = letters.decode(letters.encode(letter));
    expect([...(decoded.key ?? [])]).toEqual([1, 2]);
    expect(decoded.value).toBeNull();
  });

  test("values larger than what is left of a chunk, and larger than any chunk, are whole", () => {
    const texts = [1, 300_000, 900_000, 70_000, 3_000_000, 1_000_000, 5].map((length) => "x".repeat(length));
    const encoded = texts.map((source) => purchases.encode({ ...purchase(), source }));
    expect(encoded.map((bytes) => purchases.decode(bytes).source?.length)).toEqual(texts.map((text) => text.length));
  });
});

function purchase(): Purchase {
  return {
    eventId: "e",
    customerId: "c",
    occurredAt: 1_704_067_200_000,
    source: null,
    attributes: { colour: "blue" },
    kind: "PURCHASE",
    orderId: "o",
    amountMinor: 1_999,
    marginMinor: null,
    discountMinor: null,
    currency: "EUR",
    quantity: null,
    category: null,
    channel: null,
    dueAt: null,
    originalOccurredAt: null,
    acquisitionChannel: null,
    acquisitionCostMinor: null,
  };
}

/** Event id "e", customer id "c". */
function withEventAndCustomer(): number[] {
  return [2, 0x65, 2, 0x63];
}

/** A purchase's header and first bytes; `rest` follows a time of 0. */
function withBody(start: readonly number[], rest?: readonly number[]): Uint8Array {
  const body = rest === undefined ? start : [...start, 0, ...rest];
  return Uint8Array.from([0, 0, 0, 0, PURCHASES, ...body]);
}

function refusal(bytes: Uint8Array): MalformedRecord | null {
  try {
    purchases.decode(bytes);
  } catch (error) {
    if (error instanceof MalformedRecord) return error;
    throw error;
  }
  return null;
}

function refusalCode(bytes: Uint8Array): string | undefined {
  return refusal(bytes)?.code;
}

interface Schema {
  readonly fields: readonly { readonly name: string }[];
}

function withoutField(schemaJson: string, name: string): string {
  const schema = JSON.parse(schemaJson) as Schema;
  return JSON.stringify({ ...schema, fields: schema.fields.filter((field) => field.name !== name) });
}

function withField(schemaJson: string, field: Schema["fields"][number] & Readonly<Record<string, unknown>>): string {
  const schema = JSON.parse(schemaJson) as Schema;
  return JSON.stringify({ ...schema, fields: [...schema.fields, field] });
}
