import { LogCorrupted, type LogRecord, type RecordToAppend } from "@tidemark/streams";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DECOMPRESSED_BYTES_MAX } from "./batch-codec.ts";
import { BATCH_AT, BATCH_ATTRIBUTE, BATCH_CODEC, BATCH_PREFIX_BYTES } from "./batch-layout.ts";
import { BatchRefused } from "./batch-refused.ts";
import { controlBatch, foreignBatch, type ForeignOptions, resealed, withAttributes } from "./foreign-batch.ts";
import { decodeRecords, readBatch, type RecordBatch } from "./record-batch-decoder.ts";

const PLACE = "purchases/3";
const two: readonly [RecordToAppend, RecordToAppend] = [
  { key: Buffer.from("customer-1"), value: Buffer.alloc(40, 1) },
  { key: Buffer.from("customer-2"), value: null },
];

function opened(bytes: Buffer): RecordBatch {
  const batch = readBatch(bytes, 0, PLACE);
  if (batch === null) throw new Error("the batch is not whole");
  return batch;
}

async function decoded(bytes: Buffer): Promise<readonly LogRecord[]> {
  return decodeRecords(opened(bytes));
}

/** A batch of one record whose bytes after the length are these, in order. */
async function withRecord(body: readonly number[], options: ForeignOptions = {}): Promise<Buffer> {
  const header = (await foreignBatch([], { lastOffsetDelta: 0, ...options })).subarray(0, BATCH_AT.records);
  const bytes = Buffer.concat([header, Buffer.from([body.length * 2, ...body])]);
  bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, BATCH_AT.length);
  bytes.writeInt32BE(1, BATCH_AT.count);
  return resealed(bytes);
}

describe("a batch that was read", () => {
  it("shows any bit changed under its checksum, and in checksum, format and length", async () => {
    const whole = await foreignBatch(two, { baseOffset: 5 });
    const unchecked = [BATCH_AT.baseOffset, BATCH_AT.leaderEpoch];
    for (let index = 0; index < whole.length; index += 1) {
      // Offsets are held by what is beside the batch (committed-records); the leader's epoch is not used.
      if (unchecked.some((at) => index >= at && index < at + (at === BATCH_AT.baseOffset ? 8 : 4))) continue;
      for (let bit = 0; bit < 8; bit += 1) {
        const damaged = Buffer.from(whole);
        damaged[index] = (damaged[index] ?? 0) ^ (1 << bit);
        expect(outcome(damaged), `byte ${index}, bit ${bit}`).toBe(
          index < BATCH_AT.magic && damaged.readInt32BE(BATCH_AT.length) > whole.length - BATCH_PREFIX_BYTES
            ? "partial"
            : "refused",
        );
      }
    }
  });

  it("cut off anywhere is a partial one, which is no fault", async () => {
    const whole = await foreignBatch(two);
    for (let length = 0; length < whole.length; length += 1) {
      expect(readBatch(whole.subarray(0, length), 0, PLACE), `${length} bytes`).toBeNull();
    }
    expect(readBatch(Buffer.concat([whole, whole.subarray(0, 30)]), whole.length, PLACE)).toBeNull();
  });

  it("gives with LogAppendTime all its records the time of the log, else each its own", async () => {
    const content = two.map((each, index) => ({ ...each, later: -300 * index }));
    const own = await decoded(await foreignBatch(content, { createdAt: 9_000 }));
    expect(own.map(({ appendedAt }) => appendedAt)).toEqual([9_000, 8_700]);
    const log = await decoded(await foreignBatch(content, { createdAt: 9_000, logAppendTime: 12_345 }));
    expect(log.map(({ appendedAt }) => appendedAt)).toEqual([12_345, 12_345]);
  });

  it("without a record left answers for its offsets", async () => {
    for (const codec of [BATCH_CODEC.none, BATCH_CODEC.gzip]) {
      const emptied = await foreignBatch([], { baseOffset: 40, lastOffsetDelta: 9, codec });
      const bytes = resealed(emptied.subarray(0, BATCH_AT.records));
      bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, BATCH_AT.length);
      expect(opened(bytes)).toMatchObject({ baseOffset: 40, lastOffset: 49, count: 0 });
      await expect(decoded(bytes)).resolves.toEqual([]);
    }
  });

  it("of control tells abort from commit, and from what a later Kafka may add", async () => {
    const kinds = await Promise.all([0, 1, 2].map(async (type) => opened(await controlBatch(type)).control));
    expect(kinds).toEqual(["abort", "commit", "other"]);
    const data = await foreignBatch([{ key: Buffer.from([0, 0, 0, 0]), value: null }]);
    expect(opened(data).control).toBeNull();
    const emptied = withAttributes(await foreignBatch([], { lastOffsetDelta: 0 }), BATCH_ATTRIBUTE.control);
    expect(opened(emptied).control).toBe("other");
  });

  it("in an old format is refused with a code, and says which one", async () => {
    for (const magic of [0, 1, 3]) {
      const bytes = await foreignBatch(two);
      bytes.writeInt8(magic, BATCH_AT.magic);
      expect(() => readBatch(bytes, 0, PLACE)).toThrow(BatchRefused);
      expect(() => readBatch(bytes, 0, PLACE)).toThrow(new RegExp(`${PLACE}: a batch of format ${magic}`));
    }
  });

  it("with a codec that is not read is refused with a code, and says what to do", async () => {
    for (const [name, codec] of [
      ["snappy", BATCH_CODEC.snappy],
      ["lz4", BATCH_CODEC.lz4],
      ["number 5", 5],
    ] as const) {
      const bytes = withAttributes(await foreignBatch(two, { baseOffset: 8 }), codec);
      const refused = decoded(bytes);
      await expect(refused).rejects.toThrow(BatchRefused);
      await expect(refused).rejects.toMatchObject({ code: "BATCH_REFUSED" });
      await expect(refused).rejects.toThrow(
        new RegExp(`${PLACE} at offset 8: compressed with ${name}.*compression.type`),
      );
    }
  });

  it("that expands beyond the bound is refused before it is all in memory", async () => {
    const huge = Buffer.alloc(DECOMPRESSED_BYTES_MAX + 1);
    const packed = { gzip: gzipSync(huge, { level: 1 }), zstd: zstdCompressSync(huge) };
    for (const [codec, records] of Object.entries(packed)) {
      const header = (await foreignBatch([two[0]])).subarray(0, BATCH_AT.records);
      const bytes = Buffer.concat([header, records]);
      bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, BATCH_AT.length);
      const refused = decoded(withAttributes(bytes, codec === "gzip" ? BATCH_CODEC.gzip : BATCH_CODEC.zstd));
      await expect(refused).rejects.toThrow(BatchRefused);
      await expect(refused).rejects.toThrow(/more than 32000000 bytes/);
    }
  });

  it("whose compressed part is damaged under a right checksum is corrupt", async () => {
    for (const codec of [BATCH_CODEC.gzip, BATCH_CODEC.zstd]) {
      const bytes = await foreignBatch([{ key: null, value: Buffer.alloc(500, 3) }], { codec });
      bytes.writeUInt8(bytes.readUInt8(BATCH_AT.records) ^ 0xff, BATCH_AT.records);
      await expect(decoded(resealed(bytes))).rejects.toThrow(LogCorrupted);
    }
  });

  it("that contradicts itself under a right checksum is corrupt, and nothing beyond it is read", async () => {
    const sound = [0, 0, 0, 1, 1, 0];
    await expect(decoded(await withRecord(sound))).resolves.toMatchObject([{ offset: 0, key: null, value: null }]);
    const broken: Record<string, readonly number[]> = {
      "a key beyond the record": [0, 0, 0, 200, 1, 1, 0],
      "a key of −2 bytes": [0, 0, 0, 3, 1, 0],
      "a value beyond the record": [0, 0, 0, 1, 16, 0],
      "a value of −2 bytes": [0, 0, 0, 1, 3, 0],
      "an offset beyond the batch": [0, 0, 2, 1, 1, 0],
      "an offset before the batch": [0, 0, 1, 1, 1, 0],
      "a record that ends before its value": [0, 0, 0, 1],
      "a record that ends before its headers": [0, 0, 0, 1, 1],
      "an endless number": [0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
    };
    for (const [what, body] of Object.entries(broken)) {
      await expect(decoded(await withRecord(body)), `with ${what}`).rejects.toThrow(LogCorrupted);
    }
    const counts = await foreignBatch(two);
    for (const count of [-1, 1, 3]) {
      counts.writeInt32BE(count, BATCH_AT.count);
      await expect((async () => decoded(resealed(counts)))(), `count ${count}`).rejects.toThrow(LogCorrupted);
    }
    const same = await foreignBatch(
      two.map((each) => ({ ...each, offsetDelta: 0 })),
      { lastOffsetDelta: 5 },
    );
    await expect(decoded(same)).rejects.toThrow(LogCorrupted);
    const back = await foreignBatch([], { baseOffset: 9, lastOffsetDelta: -2 });
    expect(() => readBatch(back, 0, PLACE)).toThrow(LogCorrupted);
    const negative = await foreignBatch(two, { baseOffset: -4 });
    expect(() => readBatch(negative, 0, PLACE)).toThrow(LogCorrupted);
  });

  it("shorter than a header is corrupt", async () => {
    const bytes = await foreignBatch(two);
    for (let length = -1; length < BATCH_AT.records - BATCH_PREFIX_BYTES; length += 1) {
      bytes.writeInt32BE(length, BATCH_AT.length);
      expect(() => readBatch(bytes, 0, PLACE), `length ${length}`).toThrow(/less than its header/);
    }
  });

  it("keeps no more of the answer in memory than itself", async () => {
    const answer = Buffer.alloc(1_000_000);
    const bytes = await foreignBatch([{ key: null, value: Buffer.alloc(50_000, 1) }]);
    bytes.copy(answer, 500);
    const batch = readBatch(answer, 500, PLACE);
    const [record] = batch === null ? [] : await decodeRecords(batch);
    expect(record?.value?.buffer.byteLength).toBeLessThan(bytes.length + 100);
  });

  it("says in an error where it lies, and nothing of what is in it", async () => {
    const bytes = await foreignBatch(two, { baseOffset: 77 });
    bytes.writeUInt8(0, bytes.length - 1);
    bytes.writeUInt8(9, bytes.length - 10);
    expect(() => readBatch(bytes, 0, PLACE)).toThrow(`${PLACE} at offset 77: a batch does not match its checksum`);
  });
});

function outcome(bytes: Buffer): "whole" | "partial" | "refused" {
  try {
    return readBatch(bytes, 0, PLACE) === null ? "partial" : "whole";
  } catch (error) {
    expect(error).toSatisfy((each) => each instanceof LogCorrupted || each instanceof BatchRefused);
    return "refused";
  }
}
