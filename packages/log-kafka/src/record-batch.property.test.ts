import { BATCH_BYTES_MAX, type LogRecord, type RecordToAppend } from "@tidemark/streams";
import fc from "fast-check";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import decodeBatch from "kafkajs/src/protocol/recordBatch/v0/decoder.js";
import { describe, expect, it } from "vitest";
import { BATCH_AT, BATCH_CODEC } from "./batch-layout.ts";
import { cutForBroker } from "./cut-for-broker.ts";
import { foreignBatch } from "./foreign-batch.ts";
import { decodeRecords, readBatch } from "./record-batch-decoder.ts";
import { type BatchCodec, encodeRecordBatch, ENCODED_BYTES_MAX, sequenceAfter } from "./record-batch-encoder.ts";
import { writeZigzag, zigzagBytes, ZigzagReader } from "./zigzag.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.integer({ min: 0, max: 20_000 }), fc.nat({ max: 255 }))
    .map(([length, byte]) => Buffer.alloc(length, byte)),
);
const field = fc.option(bytes, { nil: null, freq: 5 });
const record = fc.record({ key: fc.oneof(field, fc.string({ unit: "grapheme" })), value: field });
const records = fc.array(record, { minLength: 1, maxLength: 40 });
const codec = fc.constantFrom<BatchCodec>("none", "zstd");
const producer = fc.option(
  fc.record({
    id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    epoch: fc.nat({ max: 2 ** 15 - 1 }),
    sequenceFirst: fc.nat({ max: 2 ** 31 - 1 }),
    transactional: fc.boolean(),
  }),
  { nil: null },
);
const time = fc.integer({ min: 0, max: 2 ** 43 });
const offset = fc.nat({ max: 2 ** 40 });

function plain({ key, value }: RecordToAppend): readonly (string | null)[] {
  return [key, value].map((each) => each && Buffer.from(each).toString("hex"));
}

async function decoded(batchBytes: Buffer): Promise<readonly LogRecord[]> {
  const batch = readBatch(batchBytes, 0, "any/0");
  if (batch === null) throw new Error("the batch is not whole");
  return decodeRecords(batch);
}

describe("a record batch", () => {
  it("gives back the records that went in, whatever the codec", async () => {
    await fc.assert(
      fc.asyncProperty(records, codec, producer, time, async (content, by, from, createdAt) => {
        const encoded = await encodeRecordBatch(content, { producer: from, createdAt, codec: by });
        const batch = readBatch(encoded.bytes, 0, "any/0");
        const read = batch === null ? [] : await decodeRecords(batch);
        expect(read.map(plain)).toEqual(content.map(plain));
        expect(read.map((each) => [each.offset, each.appendedAt])).toEqual(content.map((_, at) => [at, createdAt]));
        expect(read.map((each) => each.bytes)).toEqual(
          content.map(({ key, value }) => Buffer.byteLength(key ?? "") + (value?.length ?? 0)),
        );
        expect(encoded.count).toBe(content.length);
        expect(batch).toMatchObject({
          producerId: from?.id ?? -1n,
          transactional: from?.transactional ?? false,
          control: null,
          lastOffset: content.length - 1,
        });
      }),
    );
  });

  it("is what kafkajs reads too", async () => {
    await fc.assert(
      fc.asyncProperty(records, codec, producer, time, async (content, by, from, createdAt) => {
        const encoded = await encodeRecordBatch(content, { producer: from, createdAt, codec: by });
        const read = await decodeBatch(new Decoder(encoded.bytes));
        expect(read.records.map(plain)).toEqual(content.map(plain));
        expect(read.records.map((each) => [each.offset, each.timestamp])).toEqual(
          content.map((_, at) => [String(at), String(createdAt)]),
        );
        expect(read).toMatchObject({
          producerId: String(from?.id ?? -1n),
          producerEpoch: from?.epoch ?? -1,
          firstSequence: from?.sequenceFirst ?? -1,
          inTransaction: from?.transactional ?? false,
          lastOffsetDelta: content.length - 1,
          maxTimestamp: String(createdAt),
        });
      }),
    );
  });

  it("of kafkajs is read as it was written: its headers skipped, its times and offsets kept", async () => {
    const later = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    const headers = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 50 }), { maxKeys: 3 });
    const foreign = fc.record({ key: field, value: field, later, headers, gap: fc.nat({ max: 9_000 }) });
    const codecs = fc.constantFrom(BATCH_CODEC.none, BATCH_CODEC.gzip, BATCH_CODEC.zstd);
    await fc.assert(
      fc.asyncProperty(fc.array(foreign, { minLength: 1, maxLength: 20 }), codecs, offset, async (list, by, base) => {
        let next = 0;
        const content = list.map((each) => {
          const offsetDelta = next + each.gap;
          next = offsetDelta + 1;
          return { ...each, offsetDelta };
        });
        const createdAt = 2 ** 41;
        const read = await decoded(await foreignBatch(content, { baseOffset: base, codec: by, createdAt }));
        expect(read.map(plain)).toEqual(content.map(plain));
        expect(read.map((each) => [each.offset, each.appendedAt])).toEqual(
          content.map((each) => [base + each.offsetDelta, createdAt + each.later]),
        );
      }),
    );
  });

  it("is compressed where that saves bytes, and only there", async () => {
    const options = { producer: null, createdAt: 0 } as const;
    const alike = [{ key: Buffer.from("k"), value: Buffer.alloc(5_000, 1) }];
    const small = [{ key: Buffer.from("k"), value: Buffer.alloc(500, 1) }];
    const size = async (content: RecordToAppend[], by: BatchCodec) =>
      (await encodeRecordBatch(content, { ...options, codec: by })).bytes.length;
    expect(await size(alike, "zstd")).toBeLessThan(200);
    expect(await size(small, "zstd")).toBe(await size(small, "none"));
    const noise = [{ key: null, value: crypto.getRandomValues(new Uint8Array(5_000)) }];
    expect(await size(noise, "zstd")).toBe(await size(noise, "none"));
  });

  it("without a record, or beyond a bound, is refused", async () => {
    const options = { producer: null, createdAt: 0, codec: "none" } as const;
    await expect(encodeRecordBatch([], options)).rejects.toThrow(/has a record/);
    const large = { key: null, value: new Uint8Array(BATCH_BYTES_MAX) };
    await expect(encodeRecordBatch([large], options)).resolves.toMatchObject({ count: 1 });
    const over = { key: Buffer.from("k"), value: large.value };
    await expect(encodeRecordBatch([over], options)).rejects.toThrow(/keep to their bound/);
    const many = Array.from({ length: 200_000 }, () => ({ key: null, value: null }));
    await expect(encodeRecordBatch(many, options)).rejects.toThrow(/what a broker takes/);
  });
});

describe("records cut for the broker", () => {
  it("are one run where they fit, and each run fits where they are many and small", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 200_000 }), async (length, most) => {
        const count = Math.min(most, Math.floor(BATCH_BYTES_MAX / Math.max(length, 1)));
        const content = Array.from({ length: count }, () => ({ key: null, value: new Uint8Array(length) }));
        const runs = cutForBroker(content);
        expect(runs.flat().length).toBe(count);
        if (count < 10_000) expect(runs).toEqual([content]);
        for (const run of runs) {
          const { bytes: encoded } = await encodeRecordBatch(run, { producer: null, createdAt: 0, codec: "none" });
          expect(encoded.length).toBeLessThanOrEqual(ENCODED_BYTES_MAX);
          if (run !== runs.at(-1)) expect(encoded.length).toBeGreaterThan(ENCODED_BYTES_MAX * 0.99);
        }
      }),
      { numRuns: 6 },
    );
  });
});

describe("a sequence", () => {
  it("goes from the greatest integer of 32 bits on to 0", () => {
    expect(sequenceAfter(0, 3)).toBe(3);
    expect(sequenceAfter(2 ** 31 - 2, 1)).toBe(2 ** 31 - 1);
    expect(sequenceAfter(2 ** 31 - 2, 2)).toBe(0);
    expect(sequenceAfter(2 ** 31 - 1, 6_000)).toBe(5_999);
  });
});

describe("a zigzag varint", () => {
  it("is the one of kafkajs, in as many bytes as was said", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), fc.nat({ max: 30 }), (value, bits) => {
        const small = value >> bits;
        const written = new Uint8Array(9).fill(0xff);
        const end = writeZigzag(written, 2, small);
        expect(end - 2).toBe(zigzagBytes(small));
        expect([...written.subarray(2, end)]).toEqual([...new Encoder().writeVarInt(small).buffer]);
        const reader = new ZigzagReader(written, 2);
        expect([reader.read(), reader.position]).toEqual([small, end]);
      }),
    );
  });

  it("is read up to 52 bits and a sign", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.nat({ max: 52 }), (value, bits) => {
        const small = Math.trunc(value / 2 ** bits);
        const written = new Encoder().writeVarLong(small).buffer;
        const reader = new ZigzagReader(written, 0);
        expect(reader.read() - small).toBe(0);
        expect(reader.position).toBe(written.length);
      }),
    );
  });
});

describe("the header of a batch", () => {
  it("leaves to the broker what is the broker's", async () => {
    const { bytes: encoded } = await encodeRecordBatch([{ key: null, value: null }], {
      producer: null,
      createdAt: 5,
      codec: "none",
    });
    expect(encoded.readBigInt64BE(BATCH_AT.baseOffset)).toBe(0n);
    expect(encoded.readInt32BE(BATCH_AT.leaderEpoch)).toBe(-1);
  });
});
