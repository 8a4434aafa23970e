import Encoder from "kafkajs/src/protocol/encoder.js";
import { protocol as fetchProtocol } from "kafkajs/src/protocol/requests/fetch/index.js";
import { protocol as produceProtocol } from "kafkajs/src/protocol/requests/produce/index.js";
import { describe, expect, it } from "vitest";
import { BATCH_CODEC } from "./batch-layout.ts";
import { fetchRequest } from "./fetch-request.ts";
import { foreignBatch } from "./foreign-batch.ts";
import { produceRequest } from "./produce-request.ts";

const NONE = Buffer.alloc(0);

async function batchOf(value: string): Promise<Buffer> {
  const records = [{ key: Buffer.from("key"), value: Buffer.from(value) }];
  return foreignBatch(records, { producerId: 9n, createdAt: 1_700_000_000_000 });
}

describe("a produce request", () => {
  const places = [
    { topic: "scores", partition: 1 },
    { topic: "journal", partition: 1 },
    { topic: "scores", partition: 0 },
  ];

  it("is, byte for byte, the one of kafkajs for the same batches", async () => {
    const transactionalId = "tidemark-processor-1";
    const message = (value: string) => ({
      key: Buffer.from("key"),
      value: Buffer.from(value),
      timestamp: 1_700_000_000_000,
    });
    const partition = (number: number, value: string) => ({
      partition: number,
      firstSequence: 0,
      messages: [message(value)],
    });
    const theirs = produceProtocol({ version: 7 })({
      acks: -1,
      timeout: 5_000,
      transactionalId,
      producerId: 9n,
      producerEpoch: 0,
      compression: BATCH_CODEC.none,
      topicData: [
        { topic: "scores", partitions: [partition(1, "scores 1"), partition(0, "scores 0")] },
        { topic: "journal", partitions: [partition(1, "journal 1")] },
      ],
    }).request;
    const batches = await Promise.all(
      places.map(async (place) => ({ ...place, bytes: await batchOf(`${place.topic} ${place.partition}`) })),
    );
    const ours = produceRequest({ transactionalId, timeoutMs: 5_000, batches }).request;
    expect((await ours.encode()).buffer.toString("hex")).toBe((await theirs.encode()).buffer.toString("hex"));
    expect([ours.apiKey, ours.apiVersion]).toEqual([theirs.apiKey, theirs.apiVersion]);
  });

  it("outside of a transaction names none", async () => {
    const { request } = produceRequest({ transactionalId: null, timeoutMs: 1, batches: [] });
    expect((await request.encode()).buffer.readInt16BE(0)).toBe(-1);
  });

  it("that names a partition twice is refused", () => {
    const batch = { topic: "scores", partition: 1, bytes: NONE };
    expect(() => produceRequest({ transactionalId: null, timeoutMs: 1, batches: [batch, batch] })).toThrow(/once/);
  });

  it("has an answer with the outcome of each partition, errors included", async () => {
    const payload = new Encoder().writeInt32(2).writeString("scores").writeInt32(2);
    payload.writeInt32(1).writeInt16(0).writeInt64(70).writeInt64(1_700_000_000_123).writeInt64(3);
    payload.writeInt32(0).writeInt16(6).writeInt64(-1).writeInt64(-1).writeInt64(-1);
    payload.writeString("journal").writeInt32(1);
    payload
      .writeInt32(1)
      .writeInt16(0)
      .writeInt64(2 ** 40)
      .writeInt64(-1)
      .writeInt64(0);
    payload.writeInt32(250);
    const { response } = produceRequest({ transactionalId: null, timeoutMs: 1, batches: [] });
    const answer = await response.decode(payload.buffer);
    const theirs = produceProtocol({ version: 7 })({
      acks: -1,
      timeout: 1,
      transactionalId: null,
      producerId: 9n,
      producerEpoch: 0,
      compression: 0,
      topicData: [],
    });
    const expected = await theirs.response.decode(payload.buffer);
    expect(answer.clientSideThrottleTime).toBe(250);
    expect(answer.clientSideThrottleTime).toBe(expected.clientSideThrottleTime);
    expect((await response.parse(answer)).partitions).toEqual(
      expected.topics.flatMap(({ topicName, partitions }) =>
        partitions.map((each) => ({
          topic: topicName,
          partition: each.partition,
          errorCode: each.errorCode,
          baseOffset: Number(each.baseOffset),
          logAppendTime: Number(each.logAppendTime),
          logStartOffset: Number(each.logStartOffset),
        })),
      ),
    );
    expect(answer.partitions.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual([
      [0, 70],
      [6, -1],
      [0, 2 ** 40],
    ]);
  });
});

describe("a fetch request", () => {
  const bounds = { waitMsMax: 500, bytesMin: 1, bytesMax: 4_000_000 };
  const theirs = fetchProtocol({ version: 10 })({
    maxWaitTime: 500,
    minBytes: 1,
    maxBytes: 4_000_000,
    isolationLevel: 1,
    topics: [
      {
        topic: "purchases",
        partitions: [
          { partition: 0, fetchOffset: 12, maxBytes: 128_000 },
          { partition: 7, fetchOffset: 2 ** 40, maxBytes: 64_000 },
        ],
      },
      { topic: "complaints", partitions: [{ partition: 0, fetchOffset: 0, maxBytes: 128_000 }] },
    ],
  });
  const positions = [
    { topic: "purchases", partition: 0, offset: 12, bytesMax: 128_000 },
    { topic: "complaints", partition: 0, offset: 0, bytesMax: 128_000 },
    { topic: "purchases", partition: 7, offset: 2 ** 40, bytesMax: 64_000 },
  ];

  it("is, byte for byte, the one of kafkajs for the same positions, read_committed", async () => {
    const { request } = fetchRequest({ ...bounds, positions });
    expect((await request.encode()).buffer.toString("hex")).toBe(
      (await theirs.request.encode()).buffer.toString("hex"),
    );
    expect([request.apiKey, request.apiVersion]).toEqual([theirs.request.apiKey, theirs.request.apiVersion]);
  });

  it("waits longer for the answer than the broker for data", () => {
    expect(fetchRequest({ ...bounds, positions }).requestTimeout).toBeGreaterThan(500);
  });

  it("has a name whose answers kafkajs keeps out of its log", () => {
    expect(fetchRequest({ ...bounds, positions }).request.apiName).toBe("Fetch");
  });

  it("has an answer that says all of each partition, and an error of one is not that of all", async () => {
    const batch = await batchOf("a purchase");
    const payload = new Encoder().writeInt32(30).writeInt16(0).writeInt32(0).writeInt32(2);
    payload.writeString("purchases").writeInt32(2);
    payload.writeInt32(0).writeInt16(0).writeInt64(13).writeInt64(12).writeInt64(4);
    payload
      .writeInt32(2)
      .writeInt64(77)
      .writeInt64(9)
      .writeInt64(2n ** 60n)
      .writeInt64(5);
    payload.writeBytes(batch);
    payload.writeInt32(7).writeInt16(1).writeInt64(-1).writeInt64(-1).writeInt64(-1).writeInt32(-1).writeInt32(-1);
    payload.writeString("complaints").writeInt32(1);
    payload.writeInt32(0).writeInt16(0).writeInt64(0).writeInt64(0).writeInt64(0).writeInt32(0).writeInt32(0);
    const { response } = fetchRequest({ ...bounds, positions });
    const answer = await response.parse(await response.decode(payload.buffer));
    const expected = await theirs.response.decode(payload.buffer);
    expect(answer).toMatchObject({ errorCode: 0, clientSideThrottleTime: 30 });
    const recordSets = [batch, NONE, NONE];
    expect(answer.partitions).toEqual(
      expected.responses.flatMap(({ topicName, partitions }) =>
        partitions.map((each) => ({
          topic: topicName,
          partition: each.partition,
          errorCode: each.errorCode,
          highWatermark: Number(each.highWatermark),
          lastStableOffset: Number(each.lastStableOffset),
          logStartOffset: Number(each.lastStartOffset),
          abortedTransactions: each.abortedTransactions.map(({ producerId, firstOffset }) => ({
            producerId: BigInt(producerId),
            offsetFirst: Number(firstOffset),
          })),
          recordSet: recordSets.shift(),
        })),
      ),
    );
    expect(answer.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 1, 0]);
  });

  it("has an answer with the error of the request as a whole", async () => {
    const payload = new Encoder().writeInt32(0).writeInt16(70).writeInt32(0).writeInt32(0).buffer;
    const answer = await fetchRequest({ ...bounds, positions }).response.decode(payload);
    expect(answer).toEqual({ clientSideThrottleTime: 0, errorCode: 70, partitions: [] });
  });
});
