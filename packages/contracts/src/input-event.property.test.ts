import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { openContracts, type Contracts } from "./contracts.ts";
import { SchemaNotFound } from "./errors.ts";
import { parseInputEvent } from "./input-event.ts";
import type { InputTopic } from "./input-record.ts";
import { schemaOf } from "./schema.ts";

const TOPICS: Readonly<Record<string, InputTopic>> = {
  purchase: "purchases",
  interaction: "interactions",
  complaint: "complaints",
  customer: "customers",
};
const OPTIONS = { referenceAt: Date.UTC(2026, 0, 1) };
let contracts: Contracts;

beforeAll(async () => {
  let id = 0;
  const registry = {
    register: async () => ++id,
    fetch: async () => {
      throw new SchemaNotFound("none");
    },
  };
  contracts = await openContracts({ registry, prefix: "" });
});

test("no JSON makes it throw", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
      expect(parseInputEvent(json, OPTIONS).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("no value in any field makes it throw, and what it takes can be encoded and is the same when decoded", () => {
  fc.assert(
    fc.property(almostEvent(), (json) => {
      const event = parseInputEvent(json, OPTIONS);
      if (!event.ok) {
        expect(event.message).not.toBe("");
        return;
      }
      const codec = contracts.codecs[event.topic] as {
        encode(record: unknown): Uint8Array;
        decode(b: Uint8Array): object;
      };
      expect({ ...codec.decode(codec.encode(event.record)) }).toEqual(event.record);
    }),
    { numRuns: 3_000 },
  );
});

test("deep and huge JSON is refused like any other", () => {
  let deep: unknown = {};
  for (let depth = 0; depth < 100_000; depth++) deep = { attributes: deep };
  expect(parseInputEvent({ type: "purchase", attributes: deep }, OPTIONS).ok).toBe(false);
  const huge = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`f${index}`, index]));
  expect(parseInputEvent({ type: "purchase", ...huge }, OPTIONS)).toMatchObject({ code: "UNKNOWN_FIELD" });
});

test("a refusal never holds a value of the input", () => {
  const canary = "canary0a1b2c3d";
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(TOPICS)), fc.nat(), fc.boolean(), (type, index, asName) => {
      const fields = schemaOf(TOPICS[type] ?? "purchases").fields;
      const field = fields[index % fields.length]?.name ?? "";
      const value = asName ? { [canary]: [canary] } : `${canary}${"x".repeat(2_000)}`;
      const rejected = parseInputEvent({ type, ...valid(type), [field]: value }, OPTIONS);
      expect(rejected.ok).toBe(false);
      expect(JSON.stringify(rejected)).not.toContain(canary);
    }),
    { numRuns: 300 },
  );
});

/** A valid event with some fields replaced by anything, so that a good part of them is taken. */
function almostEvent(): fc.Arbitrary<unknown> {
  return fc.constantFrom(...Object.keys(TOPICS)).chain((type) => {
    const names = schemaOf(TOPICS[type] ?? "purchases").fields.map((field) => field.name);
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.integer(),
      fc.double(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("VISIT", "EUR", "2025-01-01T00:00:00Z", null, 0, 1),
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double(), fc.boolean())),
    );
    return fc
      .dictionary(fc.constantFrom(...names), value, { maxKeys: 3, noNullPrototype: true })
      .map((changes) => Object.assign({ type }, valid(type), changes));
  });
}

function valid(type: string): object {
  const common = { eventId: "e", customerId: "c", occurredAt: 0 };
  switch (type) {
    case "purchase":
      return { ...common, amountMinor: 1, currency: "EUR" };
    case "interaction":
      return { ...common, kind: "VISIT" };
    case "complaint":
      return { ...common, kind: "OPENED", complaintId: "k" };
    default:
      return common;
  }
}
