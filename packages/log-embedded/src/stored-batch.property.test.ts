import type { LogRecord, RecordToAppend } from "@tidemark/streams";
import { VersionTooNew } from "@tidemark/streams";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutBatch, readRecords, wholeBatch } from "./batch-cut.ts";
import { encodeParts } from "./encoded-part.ts";
import { encodeSparseBatch, joinBatch, openBatch, type StoredBatch } from "./stored-batch.ts";
import { readVarint, varintBytes, writeVarint } from "./varint.ts";

const field = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null, freq: 5 });
const stored = fc.record({ key: field, value: field });
const record = fc.record({ key: fc.oneof(field, fc.string({ unit: "grapheme" })), value: field });
const records = fc.array(record, { minLength: 1, maxLength: 30 });
const offset = fc.nat({ max: 2 ** 40 });
const time = fc.integer({ min: 0, max: 2 ** 43 });

function dense(offsetFirst: number, appendedAt: number, content: readonly RecordToAppend[]): StoredBatch {
  return joinBatch(offsetFirst, appendedAt, encodeParts([{ topic: "any", partition: 0, records: content }]));
}

function opened(batch: StoredBatch): StoredBatch {
  const found = openBatch(Buffer.from(batch.bytes));
  if (found === null) throw new Error("the batch does not match its checksum");
  return found;
}

function all(batch: StoredBatch, from = batch.offsetFirst, bytesMax = Infinity) {
  const into: LogRecord[] = [];
  const { cut, content: bytes, ...read } = cutBatch(batch, from, bytesMax, 1);
  if (cut !== null) readRecords(cut, into);
  return { ...read, bytes, into };
}

function plain({ key, value }: RecordToAppend): readonly (number[] | null)[] {
  return [key, value].map((each) => (each === null ? null : [...Buffer.from(each)]));
}

describe("a stored batch", () => {
  it("gives back the records that went in, at consecutive offsets and one time", () => {
    fc.assert(
      fc.property(offset, time, records, (offsetFirst, appendedAt, content) => {
        const batch = opened(dense(offsetFirst, appendedAt, content));
        const { into, offsetNext } = all(batch);
        expect(into.map(plain)).toEqual(content.map(plain));
        expect(into.map((each) => each.offset)).toEqual(content.map((_, index) => offsetFirst + index));
        expect(new Set(into.map((each) => each.appendedAt))).toEqual(new Set([appendedAt]));
        expect(offsetNext).toBe(offsetFirst + content.length);
      }),
    );
  });

  it("gives back what compaction kept, at its offsets and times, and answers for the gaps", () => {
    const gap = fc.nat({ max: 2 ** 34 });
    const kept = fc.array(fc.record({ skipped: gap, later: gap, content: stored }), { maxLength: 20 });
    fc.assert(
      fc.property(offset, kept, gap, gap, (offsetFirst, list, skippedLast, later) => {
        let next = offsetFirst;
        let at = 5;
        const content = list.map((each) => {
          const placed = { ...each.content, bytes: 0, offset: next + each.skipped, appendedAt: at + each.later };
          next = placed.offset + 1;
          at = placed.appendedAt;
          return placed;
        });
        const range = { offsetFirst, offsetLast: next + skippedLast, appendedAt: at + later };
        const batch = opened(encodeSparseBatch(range, content));
        const { into, offsetNext, appendedTo } = all(batch);
        expect(into.map((each) => [each.offset, each.appendedAt, ...plain(each)])).toEqual(
          content.map((each) => [each.offset, each.appendedAt, ...plain(each)]),
        );
        expect(offsetNext).toBe(range.offsetLast + 1);
        expect(appendedTo).toBe(content.at(-1)?.appendedAt ?? range.appendedAt);
        expect(batch).toMatchObject({ ...range, count: content.length });
        const whole: LogRecord[] = [];
        readRecords(wholeBatch(batch), whole);
        expect(whole).toEqual(into);
      }),
    );
  });

  it("read in small slices gives each record once, within the bound or alone", () => {
    fc.assert(
      fc.property(offset, records, fc.nat({ max: 400 }), (offsetFirst, content, bytesMax) => {
        const batch = opened(dense(offsetFirst, 1, content));
        const read: LogRecord[] = [];
        for (let next = offsetFirst; next <= batch.offsetLast;) {
          const slice = all(batch, next, bytesMax);
          expect(slice.into.length).toBeGreaterThan(0);
          const bytes = slice.into.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
          expect(slice.bytes).toBe(bytes);
          if (slice.into.length > 1) expect(bytes).toBeLessThanOrEqual(bytesMax);
          read.push(...slice.into);
          next = slice.offsetNext;
        }
        expect(read.map(plain)).toEqual(content.map(plain));
      }),
    );
  });

  it("is not opened with any one byte changed, or cut anywhere", () => {
    const { bytes } = dense(7, 8, [{ key: Buffer.from("customer-1"), value: Buffer.alloc(40, 1) }]);
    for (let index = 0; index < bytes.length; index += 1) {
      const damaged = Buffer.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ 0x10;
      expect(openBatch(damaged)).toBeNull();
      expect(openBatch(Buffer.from(bytes.subarray(0, index)))).toBeNull();
    }
  });

  it("of a newer format is refused by name", () => {
    const { bytes } = dense(0, 0, [{ key: null, value: null }]);
    bytes[4] = 3;
    const ofRecords = Buffer.alloc(4);
    ofRecords.writeUInt32LE(crc32(bytes.subarray(28)));
    bytes.writeUInt32LE(crc32(Buffer.concat([bytes.subarray(4, 28), ofRecords])), 0);
    expect(() => openBatch(bytes)).toThrow(VersionTooNew);
  });

  it("of the format before this is read", () => {
    const { bytes, ...batch } = dense(7, 8, [{ key: Buffer.from("customer-1"), value: Buffer.alloc(40, 1) }]);
    bytes[4] = 1;
    expect(openBatch(bytes)).toBeNull();
    bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
    expect(openBatch(bytes)).toEqual({ ...batch, bytes });
  });

  it("is the same whether its records came together, and lie where they were written, or apart", () => {
    const large = fc.record({ key: field, value: fc.uint8Array({ minLength: 30_000, maxLength: 40_000 }) });
    fc.assert(
      fc.property(fc.array(large, { minLength: 1, maxLength: 4 }), (content) => {
        const parts = content.map((each) => ({ topic: "any", partition: 0, records: [each] }));
        expect(joinBatch(1, 2, encodeParts(parts))).toEqual(dense(1, 2, content));
      }),
    );
  });
});

describe("a varint", () => {
  it("keeps every integer below 2^53, in as many bytes as was said", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 53 }), (value, bits) => {
        const small = Math.floor(value / 2 ** bits);
        const bytes = new Uint8Array(12).fill(0xff);
        const end = writeVarint(bytes, 2, small);
        expect(end - 2).toBe(varintBytes(small));
        expect(readVarint(bytes, 2)).toBe(small);
      }),
    );
  });
});
