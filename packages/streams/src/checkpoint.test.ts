import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, STORE_FORMAT_VERSION } from "./checkpoint.ts";
import { VersionTooNew } from "./errors.ts";

test("a checkpoint comes back as it was written", () => {
  fc.assert(
    fc.property(checkpoints(), (checkpoint) => {
      const read = decodeCheckpoint(encodeCheckpoint(checkpoint));
      expect({ ...read, journal: listOf(read?.journal), aggregate: listOf(read?.aggregate) }).toEqual({
        ...checkpoint,
        journal: listOf(checkpoint.journal),
        aggregate: listOf(checkpoint.aggregate),
      });
    }),
  );
});

test("what is no checkpoint is taken for none", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeCheckpoint(bytes)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(decodeCheckpoint(Buffer.from(text))).toBeNull();
    }),
  );
  for (const text of ["", "null", "[]", "5", "{}", '{"formatVersion":1}', '{"formatVersion":"1","offset":2}']) {
    expect(decodeCheckpoint(Buffer.from(text))).toBeNull();
  }
});

test("a checkpoint of a newer format is refused, whatever else is in it", () => {
  const newer = JSON.stringify({ formatVersion: STORE_FORMAT_VERSION + 1, positions: [] });
  expect(() => decodeCheckpoint(Buffer.from(newer))).toThrow(VersionTooNew);
});

function checkpoints(): fc.Arbitrary<Checkpoint> {
  const bytes = fc.option(fc.uint8Array({ maxLength: 40 }));
  return fc.record({
    formatVersion: fc.constant(STORE_FORMAT_VERSION),
    offset: fc.maxSafeNat(),
    journal: bytes,
    rows: fc.nat(),
    states: fc.nat(),
    digest: fc.integer(),
    bootId: fc.string({ unit: "grapheme" }),
    clean: fc.boolean(),
    asOf: fc.maxSafeNat(),
    aggregate: bytes,
  });
}

function listOf(bytes: Uint8Array | null | undefined): number[] | null | undefined {
  return bytes === null || bytes === undefined ? bytes : [...bytes];
}
