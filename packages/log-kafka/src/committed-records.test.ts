import { LogCorrupted, type LogRecord } from "@tidemark/streams";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BATCH_AT, BATCH_CODEC, BATCH_PREFIX_BYTES } from "./batch-layout.ts";
import { committedRecords } from "./committed-records.ts";
import { writeRecord } from "./encoded-record.ts";
import type { AbortedTransaction } from "./fetch-request.ts";
import { controlBatch, foreignBatch, resealed } from "./foreign-batch.ts";

const ABORT = 0;
const COMMIT = 1;

/** One partition's log, written batch by batch. */
class TestLog {
  readonly batches: Buffer[] = [];
  /** Where the next batch begins. */
  end = 0;

  /** Data, of one record for each value. */
  async data(values: readonly string[], producerId: bigint | null = null, key: Buffer | null = null): Promise<this> {
    const records = values.map((value) => ({ key, value: Buffer.from(value) }));
    this.batches.push(await foreignBatch(records, { baseOffset: this.end, producerId }));
    this.end += values.length;
    return this;
  }

  async marker(type: number, producerId: bigint): Promise<this> {
    this.batches.push(await controlBatch(type, { baseOffset: this.end, producerId }));
    this.end += 1;
    return this;
  }

  /** A batch of which compaction left the offsets. */
  async emptied(count: number): Promise<this> {
    this.batches.push(await foreignBatch([], { baseOffset: this.end, lastOffsetDelta: count - 1, producerId: null }));
    this.end += count;
    return this;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.batches);
  }
}

interface Read {
  readonly offset?: number;
  readonly bytesMax?: number;
  readonly aborted?: readonly AbortedTransaction[];
}

async function read(recordSet: Buffer, { offset = 0, bytesMax = Infinity, aborted = [] }: Read = {}) {
  const position = { topic: "purchases", partition: 3, offset };
  const { records, offsetNext } = await committedRecords(
    position,
    { recordSet, abortedTransactions: aborted },
    bytesMax,
  );
  return { values: records.map(valueOf), offsets: records.map((each) => each.offset), offsetNext };
}

function valueOf({ value }: LogRecord): string {
  return value === null ? "null" : Buffer.from(value).toString();
}

describe("the committed records of an answer", () => {
  it("begin at the offset asked for, in the midst of a batch too, and stop before a partial batch", async () => {
    const log = await new TestLog().data(["a", "b", "c"]);
    await log.data(["d"]);
    expect(await read(log.bytes, { offset: 1 })).toEqual({
      values: ["b", "c", "d"],
      offsets: [1, 2, 3],
      offsetNext: 4,
    });
    expect(await read(log.bytes.subarray(0, -1), { offset: 1 })).toEqual({
      values: ["b", "c"],
      offsets: [1, 2],
      offsetNext: 3,
    });
    expect(await read(Buffer.alloc(0), { offset: 9 })).toEqual({ values: [], offsets: [], offsetNext: 9 });
  });

  it("go on past markers, and past batches that compaction emptied", async () => {
    const log = await new TestLog().data(["a"], 5n);
    await log.marker(COMMIT, 5n);
    expect(await read(log.bytes)).toEqual({ values: ["a"], offsets: [0], offsetNext: 2 });
    await log.emptied(40);
    expect(await read(log.bytes, { offset: 2 })).toEqual({ values: [], offsets: [], offsetNext: 42 });
    await log.data(["b"]);
    expect(await read(log.bytes, { offset: 2 })).toEqual({ values: ["b"], offsets: [42], offsetNext: 43 });
  });

  it("are without those of an aborted transaction, and with the producer's next ones", async () => {
    const log = await new TestLog().data(["before"], 5n);
    await log.marker(COMMIT, 5n);
    await log.data(["aborted 1"], 5n);
    await log.data(["aborted 2"], 5n);
    await log.marker(ABORT, 5n);
    await log.data(["after"], 5n);
    await log.marker(COMMIT, 5n);
    const aborted = [{ producerId: 5n, offsetFirst: 2 }];
    expect(await read(log.bytes, { aborted })).toEqual({ values: ["before", "after"], offsets: [0, 5], offsetNext: 7 });
    // From within the aborted transaction, and from its marker.
    expect((await read(Buffer.concat(log.batches.slice(3)), { offset: 3, aborted })).values).toEqual(["after"]);
    expect((await read(Buffer.concat(log.batches.slice(4)), { offset: 4, aborted })).values).toEqual(["after"]);
  });

  it("do not end an aborted transaction at data whose key looks like its marker", async () => {
    const log = await new TestLog().data(["aborted 1"], 5n, Buffer.from([0, 0, 0, 0]));
    await log.data(["aborted 2"], 5n);
    await log.marker(ABORT, 5n);
    expect((await read(log.bytes, { aborted: [{ producerId: 5n, offsetFirst: 0 }] })).values).toEqual([]);
  });

  it("do not end an aborted transaction at another producer's abort, nor its own at a commit", async () => {
    const log = await new TestLog().data(["five"], 5n);
    await log.data(["six"], 6n);
    await log.marker(ABORT, 6n);
    await log.marker(COMMIT, 5n);
    await log.data(["five again"], 5n);
    await log.marker(ABORT, 5n);
    const aborted = [
      { producerId: 5n, offsetFirst: 0 },
      { producerId: 6n, offsetFirst: 1 },
    ];
    expect((await read(log.bytes, { aborted })).values).toEqual([]);
  });

  it("include what a producer with an aborted transaction wrote outside of transactions", async () => {
    const records = [{ key: null, value: Buffer.from("plain") }];
    const bytes = await foreignBatch(records, { producerId: 5n, transactional: false });
    expect((await read(bytes, { aborted: [{ producerId: 5n, offsetFirst: 0 }] })).values).toEqual(["plain"]);
  });

  it("are those that were committed, however writers interleave and in whatever order the broker lists the aborted", async () => {
    const step = fc.record({
      writer: fc.integer({ min: 1, max: 4 }),
      act: fc.constantFrom("write", "commit", "abort"),
    });
    const from = fc.nat({ max: 99 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), from, fc.nat(), async (steps, start, shuffle) => {
        const log = new TestLog();
        const open = new Map<number, { offsetFirst: number; values: string[] }>();
        const aborted: (AbortedTransaction & { readonly offsetLast: number })[] = [];
        const committed = new Set<string>();
        const end = async (writer: number, type: number): Promise<void> => {
          const transaction = open.get(writer);
          if (transaction === undefined) return;
          open.delete(writer);
          const { offsetFirst, values } = transaction;
          if (type === COMMIT) for (const value of values) committed.add(value);
          else aborted.push({ producerId: BigInt(writer), offsetFirst, offsetLast: log.end });
          await log.marker(type, BigInt(writer));
        };
        for (const { writer, act } of steps) {
          if (act === "write") {
            const transaction = open.get(writer) ?? { offsetFirst: log.end, values: [] };
            open.set(writer, transaction);
            const values = [`${log.end}`, `${log.end + 1}`];
            transaction.values.push(...values);
            await log.data(values, BigInt(writer), Buffer.from([0, 0, 0, log.end % 2]));
          } else {
            await end(writer, act === "commit" ? COMMIT : ABORT);
          }
        }
        for (const writer of open.keys()) await end(writer, ABORT);
        const offset = log.end === 0 ? 0 : start % log.end;
        // As the broker answers: from the batch of the offset on, with the aborted that reach to it.
        const first = log.batches.findLastIndex((batch) => Number(batch.readBigInt64BE(BATCH_AT.baseOffset)) <= offset);
        const listed = aborted.filter(({ offsetLast }) => offsetLast >= offset);
        listed.sort((one, other) => ((one.offsetFirst * 31 + shuffle) % 7) - ((other.offsetFirst * 31 + shuffle) % 7));
        const recordSet = Buffer.concat(log.batches.slice(Math.max(first, 0)));
        const result = await read(recordSet, { offset, aborted: listed });
        const wanted = [...committed].map(Number).filter((each) => each >= offset);
        expect(result.offsets).toEqual(wanted.sort((one, other) => one - other));
        expect(result.values).toEqual(result.offsets.map(String));
        expect(result.offsetNext).toBe(log.end);
      }),
    );
  });

  it("keep to the bound on their bytes, and continue where they stopped", async () => {
    const log = await new TestLog().data(["aaaa", "bbbb", "cccc"]);
    await log.data(["dddd"]);
    const all: string[] = [];
    for (const [bytesMax, count] of [
      [8, 2],
      [7, 1],
      [1, 1],
    ] as const) {
      expect((await read(log.bytes, { bytesMax })).values.length).toBe(count);
    }
    for (let offset = 0; offset < log.end;) {
      const slice = await read(log.bytes, { offset, bytesMax: 9 });
      all.push(...slice.values);
      expect(slice.offsetNext).toBe((slice.offsets.at(-1) ?? offset) + 1);
      offset = slice.offsetNext;
    }
    expect(all).toEqual(["aaaa", "bbbb", "cccc", "dddd"]);
  });

  it("beyond the bound are not looked at", async () => {
    const log = await new TestLog().data(["aaaa"]);
    await log.data(["damaged"]);
    const damaged = log.bytes;
    damaged.writeUInt8(0, damaged.length - 2);
    expect(await read(damaged, { bytesMax: 4 })).toEqual({ values: ["aaaa"], offsets: [0], offsetNext: 1 });
    await expect(read(damaged, { bytesMax: 5 })).rejects.toThrow(LogCorrupted);
  });

  it("never go back behind the offset asked for", async () => {
    const log = await new TestLog().data(["a"]);
    expect(await read(log.bytes, { offset: 30 })).toEqual({ values: [], offsets: [], offsetNext: 30 });
  });

  it("are refused where batches go back, or the first one is not whole", async () => {
    const log = await new TestLog().data(["a", "b"]);
    await log.data(["c"]);
    const [first, second] = log.batches;
    await expect(read(Buffer.concat([second, first].filter((each) => each !== undefined)))).rejects.toThrow(
      LogCorrupted,
    );
    await expect(read(Buffer.concat([log.bytes, log.bytes]))).rejects.toThrow(/comes after a later one/);
    await expect(read(log.bytes.subarray(0, 70))).rejects.toThrow(
      /purchases\/3 at offset 0: the first batch is not whole/,
    );
  });

  it("come from a batch of 200,000 records", async () => {
    const count = 200_000;
    const record = { key: null, value: Buffer.from("v") };
    const records = Buffer.alloc(count * 16);
    let end = 0;
    for (let index = 0; index < count; index += 1) end = writeRecord(records, end, record, index);
    const header = (await foreignBatch([], { lastOffsetDelta: count - 1 })).subarray(0, BATCH_AT.records);
    const bytes = Buffer.concat([header, records.subarray(0, end)]);
    bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, BATCH_AT.length);
    bytes.writeInt32BE(count, BATCH_AT.count);
    const result = await read(resealed(bytes));
    expect(result.values.length).toBe(200_000);
    expect([result.offsets.at(-1), result.offsetNext]).toEqual([199_999, 200_000]);
  });

  it("come from compressed batches too, one after another", async () => {
    const parts = await Promise.all(
      [BATCH_CODEC.none, BATCH_CODEC.gzip, BATCH_CODEC.zstd].map((codec, index) =>
        foreignBatch([{ key: null, value: Buffer.from(`codec ${codec}`) }], {
          codec,
          baseOffset: index,
          producerId: null,
        }),
      ),
    );
    expect((await read(Buffer.concat(parts))).values).toEqual(["codec 0", "codec 1", "codec 4"]);
  });
});
