import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyRecord, plain } from "../any-record.arbitrary.ts";
import { SCHEMA_NAMES, schemaOf, schemaText } from "../schema.ts";
import { endOfValue, structureOf } from "../wire-structure.ts";
import { typeOf } from "../writer-schemas.ts";
import { compileReader, UNUSUAL } from "./compile-reader.ts";
import { compileSelection } from "./compile-selection.ts";
import { compileWriter } from "./compile-writer.ts";

const RUNS = 300;
const ROOM = 16_384;
/** Of 7 bytes: what a number of ours has no more of than that, its zigzag included. */
const USUAL_LONG_MAX = 2 ** 48 - 1;

describe.each(SCHEMA_NAMES)("the code made from %s", (name) => {
  const type = typeOf(schemaText(name));
  const structure = structureOf(type);
  const write = compileWriter(type) ?? expect.fail("no writer");
  const read = compileReader(type) ?? expect.fail("no reader");
  const record = fc.oneof({ weight: 4, arbitrary: anyRecord(name, USUAL_LONG_MAX) }, anyRecord(name));

  test("writes the bytes that avsc writes, or leaves the record to it", () => {
    let written = 0;
    fc.assert(
      fc.property(record, fc.nat(40), (one, start) => {
        const buffer = Buffer.alloc(ROOM);
        const end = write(one, buffer, start);
        if (end < 0) return;
        written++;
        expect(buffer.toString("hex", start, end)).toBe(type.toBuffer(withBuffers(one)).toString("hex"));
      }),
      { numRuns: RUNS },
    );
    expect(written).toBeGreaterThan(0);
  });

  test("writes nothing beyond the memory that it is given, and all of what fits", () => {
    fc.assert(
      fc.property(record, fc.nat(400), (one, room) => {
        const memory = Buffer.alloc(ROOM, 0xee);
        const end = write(one, memory.subarray(0, room), 0);
        expect(memory.subarray(room).every((byte) => byte === 0xee)).toBe(true);
        expect(end).toBeLessThanOrEqual(room);
      }),
      { numRuns: RUNS },
    );
  });

  test("reads what avsc reads of the bytes that avsc writes, or leaves them to it", () => {
    let count = 0;
    fc.assert(
      fc.property(record, fc.nat(40), (one, start) => {
        const bytes = Buffer.concat([Buffer.alloc(start), type.toBuffer(withBuffers(one))]);
        const value = read(bytes, start);
        if (value === UNUSUAL) return;
        count++;
        expect(plain(value)).toEqual(plain(type.decode(bytes, start).value));
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(0);
  });

  test("reads nothing that the checks before avsc refuse, and nothing else than avsc", () => {
    fc.assert(
      fc.property(
        anyRecord(name),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(3),
        (one, changes, cut) => {
          const whole = type.toBuffer(withBuffers(one));
          const bytes = whole.subarray(0, Math.max(0, whole.length - cut));
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          const value = read(bytes, 0);
          if (value === UNUSUAL) return;
          expect(endOfValue(structure, bytes, 0)).toBe(bytes.length);
          expect(plain(value)).toEqual(plain(type.decode(bytes, 0).value));
        },
      ),
      { numRuns: RUNS * 3 },
    );
  });

  test("selects what the whole has in any of its fields, and passes over the others", () => {
    const fields = schemaOf(name).fields.map((field) => field.name);
    let count = 0;
    fc.assert(
      fc.property(record, fc.array(fc.nat(fields.length - 1), { minLength: 1 }), fc.nat(20), (one, indices, start) => {
        const wanted = [...new Set(indices)].map((index) => fields[index] ?? "");
        const select = compileSelection(type, wanted) ?? expect.fail("no selection");
        const bytes = Buffer.concat([Buffer.alloc(start), type.toBuffer(withBuffers(one))]);
        const value = select(bytes, start);
        if (value === UNUSUAL) return;
        count++;
        const whole = plain(one) as Record<string, unknown>;
        expect(plain(value)).toEqual(Object.fromEntries(wanted.map((field) => [field, whole[field]])));
      }),
      { numRuns: RUNS / 3 },
    );
    expect(count).toBeGreaterThan(0);
  });

  test("makes bytes of a value its own: neither changes the other", () => {
    fc.assert(
      fc.property(record, (one) => {
        const bytes = type.toBuffer(withBuffers(one));
        const value = read(bytes, 0);
        if (value === UNUSUAL) return;
        const before = plain(value);
        bytes.fill(0xff);
        expect(plain(value)).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a value that is not of its type", () => {
  const type = typeOf(schemaText("purchases"));
  const write = compileWriter(type) ?? expect.fail("no writer");

  test.each([
    ["no record", null],
    ["a field too few", {}],
    ["text for a number", { occurredAt: "1" }],
    ["a fraction for a whole number", { occurredAt: 0.5 }],
    ["no finite number", { occurredAt: Number.NaN }],
    ["a number for text", { customerId: 1 }],
    ["an alternative that is not there", { kind: "NONE" }],
    ["undefined for null", { originalOccurredAt: undefined }],
  ])("is left to avsc: %s", (_, change) => {
    const [record] = fc.sample(anyRecord("purchases"), { numRuns: 1, seed: 1 });
    const usual = { ...record, occurredAt: 1, quantity: 1, amountMinor: 1, originalOccurredAt: null };
    expect(write(usual, Buffer.alloc(ROOM), 0)).toBeGreaterThan(0);
    const wrong = change === null || Object.keys(change).length === 0 ? change : { ...usual, ...change };
    expect(write(wrong, Buffer.alloc(ROOM), 0)).toBe(-1);
  });
});

test("a schema that contains itself, or what no record of ours has, has no code made from it", () => {
  const self = JSON.stringify({
    type: "record",
    name: "Node",
    fields: [{ name: "next", type: ["null", "Node"] }],
  });
  const fixed = JSON.stringify({
    type: "record",
    name: "Hash",
    fields: [{ name: "hash", type: { type: "fixed", name: "Sum", size: 4 } }],
  });
  for (const schema of [self, fixed]) {
    expect(compileWriter(typeOf(schema))).toBeNull();
    expect(compileReader(typeOf(schema))).toBeNull();
  }
});

/** avsc takes Buffers only. */
function withBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(withBuffers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withBuffers(inner)]));
}
